/** What becomes of a request. */
export type Fate =
  /** Nothing special. */
  | 'delivered'
  /** It never leaves. */
  | 'refused'
  /** The server gets it, and its answer never comes. */
  | 'reply-lost'
  /** It is under way for ever. */
  | 'swallowed'
  /** The server gets it at once, and its answer comes when this has happened. */
  | Promise<unknown>
  /** Somebody in between answers. */
  | Response

/** One request that somebody made. */
export interface SentRequest {
  /** `/trpc/auth.refresh` */
  path: string
  headers: Headers
  /** As far as it is text. */
  body: string | undefined
  /** What came back; undefined when nothing did. */
  status: number | undefined
}

/** The way between clients and servers, which a test can break. */
export interface Network {
  fetch: typeof globalThis.fetch
  /** All requests, since it was told to forget those before. */
  readonly requests: readonly SentRequest[]
  /** All that there ever were. */
  readonly all: readonly SentRequest[]
  forget(): void
  /** Those to one path. */
  to(path: string): SentRequest[]
  /** Decides what becomes of each request from now on. */
  decide(fate: (request: SentRequest) => Fate): void
  /** Waits until nothing is under way but what never arrives. */
  settled: () => Promise<void>
}

/** So many turns of the event loop without a request: whatever an answer sets off has happened. */
const QUIET_TURNS = 4

/** Makes a network over the real one. */
export function createNetwork(): Network {
  const all: SentRequest[] = []
  let forgotten = 0
  let busy = 0
  let fateOf: (request: SentRequest) => Fate = () => 'delivered'

  async function deliver(sent: SentRequest, request: Request): Promise<Response> {
    busy++
    try {
      // The signal would end a request that has reached the server already.
      const response = await fetch(new Request(request, { signal: null }))
      const text = await response.arrayBuffer()
      sent.status = response.status
      return new Response(text.byteLength > 0 ? text : null, response)
    } finally {
      busy--
    }
  }

  const requests = () => all.slice(forgotten)

  return {
    all,
    get requests() {
      return requests()
    },
    forget() {
      forgotten = all.length
    },
    to: (path) => requests().filter((request) => request.path === path),
    decide(fate) {
      fateOf = fate
    },
    async settled() {
      for (let quiet = 0; quiet < QUIET_TURNS; ) {
        await new Promise((resolve) => void setTimeout(resolve))
        quiet = busy === 0 ? quiet + 1 : 0
      }
    },
    async fetch(input, init) {
      const request = new Request(input, init)
      request.signal.throwIfAborted()
      const body = typeof init?.body === 'string' ? init.body : undefined
      const sent: SentRequest = {
        path: new URL(request.url).pathname,
        headers: request.headers,
        body,
        status: undefined,
      }
      all.push(sent)
      const fate = fateOf(sent)
      if (fate === 'refused') throw new TypeError('fetch failed')
      if (fate instanceof Promise) {
        const answer = await deliver(sent, request)
        return await Promise.race([fate.then(() => answer), abortedBy(request.signal)])
      }
      if (typeof fate === 'object') {
        sent.status = fate.status
        return fate.clone()
      }
      if (fate === 'reply-lost') await deliver(sent, request)
      const answer = fate === 'delivered' ? deliver(sent, request) : new Promise<never>(() => {})
      return await Promise.race([answer, abortedBy(request.signal)])
    },
  }
}

function abortedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
}
