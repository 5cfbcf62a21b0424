import type { Environment } from './environment.ts'
import { LatchkeyError } from './errors.ts'
import { thisMoment, since } from './lifetime.ts'

/** How long one try may take, in milliseconds. */
const TRY_TIMEOUT = 3000

/** After so many milliseconds no try begins: the grace window of the server, if it has the usual settings, is over. */
const WINDOW = 10_000 - TRY_TIMEOUT

/** The first pause between two tries, in milliseconds, give or take a half; the next is three times as long. Both fit in. */
const FIRST_PAUSE = 150

/**
 * Tries until it works, until trying again makes no sense, or so many times.
 *
 * @param attempt has to end when its signal is aborted; it is given up then anyway
 * @throws LatchkeyError of the last try
 */
export async function inTries<T>(
  environment: Environment,
  tries: number,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const began = thisMoment(environment)
  for (let done = 1; ; done++) {
    try {
      return await inTime(environment, attempt)
    } catch (error) {
      if (!(error instanceof LatchkeyError) || !mayPass(error) || done === tries) throw error
      const pause = FIRST_PAUSE * 3 ** (done - 1) * (0.5 + environment.random())
      const wait = Math.max(pause, (error.retryAfter ?? 0) * 1000)
      if (since(began, environment) + wait > WINDOW) throw error
      await new Promise<void>((resolve) => void environment.setTimer(resolve, wait))
    }
  }
}

/** Whether the same may work a little later: the network, or the server, is away, or has too much to do. */
export function mayPass({ code, status }: LatchkeyError): boolean {
  return (
    code === 'offline' || code === 'timeout' || code === 'unreadable_answer' || status === 429 || (status ?? 0) >= 500
  )
}

/** One try, given up when it takes too long. */
async function inTime<T>(environment: Environment, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController()
  let cancel = () => {}
  const givenUp = new Promise<never>((_, reject) => {
    cancel = environment.setTimer(() => {
      reject(new LatchkeyError('timeout'))
      late.abort()
    }, TRY_TIMEOUT)
  })
  try {
    return await Promise.race([attempt(late.signal), givenUp])
  } finally {
    cancel()
  }
}
