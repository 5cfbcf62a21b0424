import { connection } from './http.ts'
import type { Act, User } from './operations.ts'

/** What one stretch of load has shown. */
export interface Load {
  requests: number
  /** Answers that were not what they have to be; the first ones, in words. */
  wrong: string[]
  wrongCount: number
  seconds: number
  /** Milliseconds, sorted. */
  times: number[]
}

/**
 * Puts load on a port: on each connection one user after the other does the same thing, the next as soon as there is an
 * answer. A user does nothing twice at once, as nobody does.
 *
 * @param until seconds; or, without, once for each user
 */
export async function load(port: number, act: Act, users: User[], connections: number, until?: number): Promise<Load> {
  const began = performance.now()
  const result: Load = { requests: 0, wrong: [], wrongCount: 0, seconds: 0, times: [] }
  const waiting = [...users]
  const goesOn = () => (until === undefined ? waiting.length > 0 : performance.now() - began < until * 1000)
  const worker = async () => {
    const { ask, close } = connection(port)
    while (goesOn()) {
      const user = waiting.shift()
      if (user === undefined) break
      const start = performance.now()
      try {
        await act(ask, user)
        result.times.push(performance.now() - start)
      } catch (error) {
        result.wrongCount++
        if (result.wrong.length < 3) result.wrong.push(error instanceof Error ? error.message : String(error))
      }
      result.requests++
      if (until !== undefined) waiting.push(user)
    }
    close()
  }
  await Promise.all(Array.from({ length: Math.min(connections, users.length) }, worker))
  result.seconds = (performance.now() - began) / 1000
  result.times.sort((a, b) => a - b)
  return result
}
