import { LatchkeyError } from '@latchkey/core'

/** Milliseconds. Waiting for a hash and for the database may add up; a client shall not have to wait longer than 3 s. */
const ANSWER_WITHIN = 2900

/**
 * What `work` gives, if it does so in time. It is not cut short otherwise: whoever tries again with a refresh token that
 * was exchanged after all gets the same successor.
 *
 * @throws LatchkeyError `unavailable`
 */
export function inTime<T>(work: Promise<T>): Promise<T> {
  // Not Promise.race: with what it keeps for each of the two it costs three times as much.
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new LatchkeyError('unavailable', { retryAfter: 1, cause: new Error(`no answer in ${ANSWER_WITHIN} ms`) }))
    }, ANSWER_WITHIN)
    work.then(
      (result) => {
        clearTimeout(timer)
        return resolve(result)
      },
      (error: unknown) => {
        clearTimeout(timer)
        return reject(error)
      },
    )
  })
}
