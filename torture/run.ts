import { setTimeout as delay } from 'node:timers/promises'
import { createClient, type World } from './clients/client.ts'
import { beHonest } from './clients/honest.ts'
import { beLeaver } from './clients/leaver.ts'
import type { Session } from './clients/session.ts'
import { beTwoTabs } from './clients/two-tabs.ts'
import { beVictim } from './clients/victim.ts'
import { type Cluster, startCluster } from './cluster/cluster.ts'
import type { Fault } from './faults/fault.ts'
import { FAULTS, KILLS } from './faults/faults.ts'
import { createFigures, type Figures } from './figures.ts'
import { lookAtTheEnd, lookInside } from './final-look.ts'
import type { Options } from './options.ts'
import { createRandom, type Random } from './random.ts'
import { createVerdict, type Verdict } from './verdict.ts'

/** Answers that clients lose at any time. */
const LOSS_SHARE = 0.02
const READY_WITHIN_MS = 5000

/** What came of a run. */
export interface Outcome {
  verdict: Verdict
  figures: Figures
  /** What was done, in order. */
  done: string[]
  /** Whether somebody lost patience before all was done. */
  wasInterrupted: boolean
  /** Where the logs of the servers are; undefined of a service elsewhere. */
  folder: string | undefined
}

/** Breaks things in the order of the seed while clients use the service, until all is done or a promise is broken. */
export async function run(options: Options, tell: (line: string) => void): Promise<Outcome> {
  const random = createRandom(options.seed)
  const verdict = createVerdict()
  const figures = createFigures()
  const onDeath = (name: string, code: number | string) =>
    verdict.violated('back-in-time', `${name} has ended by itself (${code})`)
  // Who loses patience leaves nothing behind: the run ends as if it were done.
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
  const cluster = options.url === undefined ? await startCluster(options, onDeath) : undefined
  try {
    const world = createWorld({ verdict, figures, cluster, url: options.url })
    const ending = new AbortController()
    const crowd = startCrowd(world, options.clients, random, ending.signal)
    const done: string[] = []
    if (cluster === undefined)
      await delay(options.seconds * 1000, undefined, {
        signal: AbortSignal.any([verdict.over, interrupted.signal]),
      }).catch(() => {})
    else {
      for (const fault of planOf(options, random)) {
        if (verdict.over.aborted || interrupted.signal.aborted) break
        verdict.during = fault.what
        tell(fault.what)
        await fault.strike({ cluster, world, random, figures })
        await recover(cluster, verdict, figures)
        done.push(fault.what)
      }
    }
    verdict.during = 'the end'
    figures.memoryMaxMib = Math.max(0, ...(cluster?.servers ?? []).map(({ memoryMax }) => memoryMax))
    ending.abort()
    const sessions = await crowd
    if (!verdict.over.aborted) await lookAtTheEnd(world, sessions, random)
    if (!verdict.over.aborted && cluster !== undefined) await lookInside(world, cluster, sessions)
    // Of two versions one may have other statements.
    const [never] = figures.neverReached()
    if (never !== undefined && options.other === undefined && !verdict.over.aborted)
      throw new Error(`no server was ever killed at ${never}: is there still such a statement?`)
    return { verdict, figures, done, wasInterrupted: interrupted.signal.aborted, folder: cluster?.folder }
  } finally {
    await cluster?.stop()
  }
}

/** Kills and faults, well mixed. */
function planOf({ kills, faults }: Options, random: Random): Fault[] {
  const all = Array.from({ length: kills }, (_, i) => KILLS[i % KILLS.length]).filter((fault) => fault !== undefined)
  return random.shuffle([...all, ...faults.map((name): Fault => FAULTS[name])])
}

/** @param cluster undefined of a service elsewhere, at `url` */
function createWorld({
  verdict,
  figures,
  cluster,
  url = '',
}: {
  verdict: Verdict
  figures: Figures
  cluster: Cluster | undefined
  url: string | undefined
}): World {
  return {
    verdict,
    lossShare: LOSS_SHARE,
    service: {
      origin(random, without) {
        if (cluster === undefined) return url
        const origins = (servers: typeof cluster.servers) =>
          servers.map(({ port }) => `http://127.0.0.1:${port}`).filter((origin) => !without.has(origin))
        const ready = origins(cluster.servers.filter(({ inRotation }) => inRotation))
        const any = ready.length > 0 ? ready : origins(cluster.servers)
        return random.pick(any.length > 0 ? any : [`http://127.0.0.1:${cluster.servers[0]?.port}`])
      },
    },
    answered(path, ms, status) {
      figures.answers++
      if (path === '/api/refresh' && status === 200) figures.refresh(ms)
    },
    refused() {
      figures.refusals++
    },
    broken() {
      figures.broken++
    },
  }
}

/** Clients of every kind. @returns the sessions of those who kept to the rules, once they have stopped */
async function startCrowd(world: World, count: number, random: Random, ending: AbortSignal): Promise<Session[]> {
  const kinds = [beHonest, beHonest, beHonest, beTwoTabs, beVictim, beLeaver]
  const sessions = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const be = kinds[i % kinds.length] ?? beHonest
      const name = `${be.name.slice(2).toLowerCase()}-${i + 1}`
      return await be(createClient(world, name, random.fork(), ending))
    }),
  )
  return sessions.filter((session) => session !== undefined)
}

/** The servers that can serve have to say so soon. */
async function recover(cluster: Cluster, verdict: Verdict, figures: Figures): Promise<void> {
  const took = await cluster.whenReady()
  if (took === undefined || took > READY_WITHIN_MS) {
    const told = took === undefined ? 'not ready in half a minute' : `ready after ${Math.round(took)} ms`
    verdict.violated('back-in-time', `a server is ${told}: its log is in ${cluster.folder}`)
  } else figures.ready(took)
  await delay(300)
}
