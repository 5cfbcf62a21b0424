import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, createSend, NoAnswer, type Sent } from '../http.ts'
import type { Random } from '../random.ts'
import type { Invariant, Verdict } from '../verdict.ts'

/** Where clients find the service, as by a balancer. */
export interface Service {
  /** An origin that takes requests, not one of these if there is another. */
  origin(random: Random, without: ReadonlySet<string>): string
}

/** What clients share. */
export interface World {
  readonly service: Service
  readonly verdict: Verdict
  /** Answers lost on purpose by clients, as a share of their requests. */
  lossShare: number
  /** Called with each answer: what it was for, how long it took, how it ended. */
  answered(path: string, ms: number, status: number): void
  /** Called when a request found no server at all that would take it. */
  refused(): void
  /** Called when a connection broke before the answer was there, and not on purpose. */
  broken(): void
}

/** One who uses the service, and remembers what it was told. */
export interface Client {
  readonly name: string
  readonly random: Random
  readonly world: World
  /** What it did and was told, the latest last. */
  readonly history: string[]
  note(line: string): void
  violated(invariant: Invariant, detail: string): void
  /**
   * Sends a request until it is answered by something else than "not now", each time to whoever takes requests then.
   *
   * @param sent made anew for each try
   * @returns the answer, and whether one before it was lost; undefined when the run is over
   */
  insist(sent: () => Sent): Promise<(Answer & { tries: number }) | undefined>
  /** Waits so many milliseconds, or until it shall stop. Whether it goes on. */
  pause(least: number, most: number): Promise<boolean>
}

/** The window in which a client may try again; below the grace in force, 60 s. */
const PATIENCE_MS = 45_000
const HISTORY_MAX = 60

/**
 * Makes one.
 *
 * @param ending aborted when it shall stop: what it has begun it still ends
 */
export function createClient(world: World, name: string, random: Random, ending?: AbortSignal): Client {
  const { service, verdict } = world
  const history: string[] = []
  const send = createSend()
  const began = performance.now()
  const note = (line: string) => {
    history.push(`${((performance.now() - began) / 1000).toFixed(2)} s  ${line}`)
    if (history.length > HISTORY_MAX) history.shift()
  }
  const violated = (invariant: Invariant, detail: string) =>
    verdict.violated(invariant, `${name}: ${detail}`, [...history])

  const once = async (sent: Sent, tried: Set<string>) => {
    const origin = service.origin(random, tried)
    tried.add(origin)
    const loseAnswer = random.chance(world.lossShare)
    const start = performance.now()
    try {
      const answer = await send(origin, { ...sent, loseAnswer })
      world.answered(sent.path, performance.now() - start, answer.status)
      note(`${sent.method} ${sent.path} at ${origin}: ${answer.status}`)
      if (answer.status === 500) violated('only-told-faults', `${sent.method} ${sent.path} was answered with 500`)
      return answer
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      note(`${sent.method} ${sent.path} at ${origin}: ${error.message}`)
      if (error.why === 'broken') world.broken()
      return error.why === 'lost on purpose' ? 'lost' : 'nobody'
    }
  }
  return {
    name,
    random,
    world,
    history,
    note,
    violated,
    async insist(sent) {
      const until = performance.now() + PATIENCE_MS
      let tried = new Set<string>()
      for (let tries = 1; !verdict.over.aborted; tries++) {
        const request = sent()
        const answer = await once(request, tried)
        if (typeof answer === 'object' && answer.status !== 503) return { ...answer, tries }
        // A balancer tries the next server at once, and only then tells its client.
        if (answer !== 'lost' && tried.size < 2) continue
        if (answer !== 'lost') world.refused()
        tried = new Set()
        if (performance.now() > until) {
          violated('back-in-time', `${request.path} had no answer for ${PATIENCE_MS / 1000} s`)
          return undefined
        }
        await delay(random.between(50, 400))
      }
      return undefined
    },
    async pause(least, most) {
      const signal = ending === undefined ? verdict.over : AbortSignal.any([verdict.over, ending])
      await delay(random.between(least, most), undefined, { signal }).catch(() => {})
      return !signal.aborted
    },
  }
}
