/** Far more than the keys of any issuer take; whatever is longer is something else. */
const BYTES_MAX = 65_536

/** As much of `fetch` as is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** How to ask. */
export interface FetchKeySetOptions {
  url: string
  fetch: Fetch
  timeoutSeconds: number
}

/** What the issuer said. */
export interface KeySetAnswer {
  /** The JWK set; undefined when it is the one that we have (304). */
  text: string | undefined
  /** Names this answer, for the next time. */
  etag: string | undefined
  /** How long it may be kept; undefined when the answer does not say. */
  freshSeconds: number | undefined
}

/**
 * Fetches the JWK set, or hears that it has not changed (RFC 9110, section 13.1.2). Redirects are not followed: keys are
 * where the issuer says, or nowhere.
 *
 * @param etag of the answer that we have
 * @throws Error for anything but a good answer in time
 */
export async function fetchKeySet(
  { url, fetch, timeoutSeconds }: FetchKeySetOptions,
  etag: string | undefined,
): Promise<KeySetAnswer> {
  const headers = {
    Accept: 'application/jwk-set+json, application/json',
    ...(etag !== undefined && { 'If-None-Match': etag }),
  }
  return await withinSeconds(timeoutSeconds, async (signal) => {
    const response = await fetch(url, { headers, redirect: 'manual', signal })
    const notModified = response.status === 304 && etag !== undefined
    if (!notModified && response.status !== 200) throw new Error(`${url} answered ${response.status}`)
    return {
      text: notModified ? undefined : await readText(response),
      etag: response.headers.get('etag') ?? (notModified ? etag : undefined),
      freshSeconds: freshSeconds(response.headers),
    }
  })
}

/** Aborts what takes too long, and does not wait for it either: not every `fetch` looks at its signal. */
async function withinSeconds<T>(seconds: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`no answer within ${seconds} s`)
      reject(error)
      abort.abort(error)
    }, seconds * 1000)
  })
  try {
    return await Promise.race([act(abort.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Reads no more than a JWK set can have, however much is sent. */
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  // Where the platform gives no stream, it has read the body already.
  if (response.body === null) return await response.text()
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > BYTES_MAX) {
      await reader.cancel()
      throw new Error(`an answer of more than ${BYTES_MAX} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** RFC 9111, section 4.2: its `max-age`, less the time that it lay in a cache on the way. */
function freshSeconds(headers: Headers): number | undefined {
  const control = headers.get('cache-control')?.toLowerCase() ?? ''
  if (/\bno-(?:store|cache)\b/.test(control)) return 0
  const maxAge = /(?:^|[\s,])max-age="?(\d{1,9})/.exec(control)?.[1]
  if (maxAge === undefined) return undefined
  const age = Number(headers.get('age') ?? 0)
  return Math.max(0, Number(maxAge) - (age > 0 ? age : 0))
}
