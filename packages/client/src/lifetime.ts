import type { Environment } from './environment.ts'

/** A moment, by both clocks of the device. */
export interface Moment {
  monotonic: number
  wallClock: number
}

/** Clocks of two machines, or of one that is put right, differ by less: then nothing is said about the age of tokens. */
const SET_BACK_MAX = 10_000

/** This moment. */
export function thisMoment(environment: Environment): Moment {
  return { monotonic: environment.monotonic(), wallClock: environment.wallClock() }
}

/** A moment of which only the wall clock's time is known, because another page wrote it down, or this one before a reload. */
export function momentAt(wallClock: number, environment: Environment): Moment {
  const elapsed = environment.wallClock() - wallClock
  // The clock was set since: nobody knows how long ago it was. Too long, then.
  const known = elapsed >= -SET_BACK_MAX ? Math.max(0, elapsed) : Number.POSITIVE_INFINITY
  return { monotonic: environment.monotonic() - known, wallClock }
}

/**
 * Milliseconds since a moment. The one clock may be set, the other stands still in sleep; the longer time counts: at
 * worst a token is refreshed before its time.
 */
export function since(moment: Moment, environment: Environment): number {
  return Math.max(environment.monotonic() - moment.monotonic, environment.wallClock() - moment.wallClock)
}

/** For how long a token is sent, from the moment when it was asked for. */
export function usableFor(lifetime: number): number {
  // Tokens are stamped in whole seconds, rounded down, and each call takes a while to the server.
  return lifetime - Math.min(Math.max(1000, lifetime / 30), lifetime / 2, 3000)
}

/** How much of that time the due moments of clients are spread over, once they are out of step. */
const SPREAD = 1 / 30

/** The same when many may be in step: after a login, an outage, a sleep. One wide spread lasts; periods are equal. */
const FIRST_SPREAD = 1 / 3

/**
 * After how many milliseconds a token is refreshed though nobody waits for it.
 *
 * Always a third too early would cost a fifth more refreshes; measured over hours, so it costs a twentieth.
 */
export function dueAfter(lifetime: number, inStep: 'in-step' | 'spread', environment: Environment): number {
  return usableFor(lifetime) * (1 - environment.random() * (inStep === 'in-step' ? FIRST_SPREAD : SPREAD))
}
