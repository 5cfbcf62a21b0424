import type { CallParts } from './call-link.ts'

/** `fetch`, whoever gives it. */
export type PlatformFetch = typeof globalThis.fetch

type Target = Parameters<PlatformFetch>[0]

/**
 * `fetch` with the access token of the session, for the app's own services: after a 401 with a new one, once. What sets
 * an `Authorization` of its own, or is sent while nobody is signed in, goes as it is.
 */
export function createSessionFetch(
  fetch: PlatformFetch,
  { fresh, insteadOf }: Pick<CallParts, 'fresh' | 'insteadOf'>,
): PlatformFetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined))
    const token = headers.has('authorization') ? null : await fresh()
    if (token === null) return await fetch(input, init)

    const send = (target: Target, bearer: string) => {
      headers.set('authorization', `Bearer ${bearer}`)
      return fetch(target, { ...init, headers })
    }
    const again = isRepeatable(init?.body) ? copyOf(input) : undefined
    const answer = await send(input, token)
    if (answer.status !== 401 || again === undefined) return answer
    const other = await insteadOf(token)
    if (other === null) return answer
    // Nobody reads it: the connection is free.
    await answer.body?.cancel()
    return await send(again, other)
  }
}

/** What is to be sent again: the body of a request can be read only once. */
function copyOf(input: Target): Target {
  return isRequest(input) ? input.clone() : input
}

/** Of a stream nothing is left after the first time. */
function isRepeatable(body: unknown): boolean {
  return typeof body !== 'object' || body === null || !('getReader' in body || Symbol.asyncIterator in body)
}

/** Not by its class: some servers put their own in the place of the platform's. */
function isRequest(input: Target): input is Request {
  return typeof input === 'object' && 'clone' in input
}
