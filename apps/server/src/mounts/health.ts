import { type Core, type NotReady, readiness } from '@latchkey/core'
import { Hono } from 'hono'
import type { Edge, EdgeContext } from '../edge/edge.ts'
import { otherMethods } from '../edge/methods.ts'

/** What is ready when, one after the other: what comes after the first that is not, nobody has looked at. */
const PARTS = ['database', 'migrations', 'keys'] as const
/** Milliseconds for which the answer of the database counts, so that probes cannot load it. */
const READY_MS = 1000
/** Less: who waits for a start should not wait longer than the start takes. */
const NOT_READY_MS = 100
const RETRY_AFTER_SECONDS = 1
/** With and without the slash at the end. */
const LIVEZ = ['/livez', '/livez/']
const READYZ = ['/readyz', '/readyz/']

type State = 'ok' | 'not ready' | 'unknown'

/**
 * `/livez`: the process runs; nothing else is asked, because a restart mends nothing else. `/readyz`: it can serve right
 * now, and if not, which part cannot. What is wrong with it is in the log and not for everybody.
 */
export function mountHealth({ core, state }: { core: Core; state: { draining: boolean } }): Hono<Edge> {
  const app = new Hono<Edge>()
  const check = keptAnswer(() => askAndTell(core))
  app.on('GET', LIVEZ, (c) => c.json({ status: 'live' }))
  app.on('GET', READYZ, async (c) => {
    const notReady = state.draining ? undefined : await check()
    return state.draining || notReady !== undefined
      ? unready(c, state, notReady)
      : c.json(report('ready', state, PARTS.length))
  })
  for (const path of [...LIVEZ, ...READYZ]) app.all(path, otherMethods(['GET']))
  return app
}

function unready(c: EdgeContext, state: { draining: boolean }, notReady: NotReady | undefined): Response {
  c.header('Retry-After', String(RETRY_AFTER_SECONDS))
  return c.json(report('not ready', state, notReady === undefined ? -1 : PARTS.indexOf(notReady.part)), 503)
}

/** @param failed the place of the part that is not ready; -1 when nobody asked */
function report(status: string, state: { draining: boolean }, failed: number) {
  const parts = PARTS.map((part, place): [string, State] => [part, stateOf(place, failed)])
  return { status, ...Object.fromEntries(parts), draining: state.draining }
}

function stateOf(place: number, failed: number): State {
  if (place === failed) return 'not ready'
  return place < failed ? 'ok' : 'unknown'
}

/** What probes are not told is in the log. */
async function askAndTell(core: Core): Promise<NotReady | undefined> {
  try {
    const notReady = await readiness(core)
    // Before the keys are there it is a start that is not done yet: nothing to warn of.
    if (notReady !== undefined) core.log[core.ring.loaded() ? 'warn' : 'info'](notReady, 'not ready')
    return notReady
  } catch (error) {
    core.log.error({ err: error }, 'not ready')
    return { part: 'database', detail: 'failed' }
  }
}

/** Asks the database, if not just now; who asks meanwhile gets the same answer. */
function keptAnswer(ask: () => Promise<NotReady | undefined>): typeof ask {
  let kept: { answer: Promise<NotReady | undefined>; until: number } | undefined
  return async () => {
    if (kept !== undefined && performance.now() < kept.until) return await kept.answer
    const asked = { answer: ask(), until: Number.POSITIVE_INFINITY }
    kept = asked
    const notReady = await asked.answer
    asked.until = performance.now() + (notReady === undefined ? READY_MS : NOT_READY_MS)
    return notReady
  }
}
