import { httpBatchLink, httpLink, type Operation, splitLink, type TRPCLink } from '@trpc/client'
import { request } from './answer.ts'
import { readAccessToken } from './access-token.ts'
import { LatchkeyError } from './errors.ts'
import type { AppRouter } from './router.ts'
import type { Server } from './server.ts'

/** As many calls as the server takes in one request. */
const BATCH_MAX = 10

/** No URL is longer, so that no proxy cuts it: a batch of queries that is too long is sent in parts. */
const URL_MAX = 4000

/** Where an operation carries its token. */
export const TOKEN = 'latchkey.token'

/** Whether a procedure is for who has a session: all are, but for those that make accounts and begin and end sessions. */
export function needsToken({ path }: { path: string }): boolean {
  return !/^(?:auth|setup)\./.test(path)
}

/** Says at a login that an owner of the account has been here before: then others' guesses cannot lock it out. */
export const DEVICE_HEADER = 'latchkey-device'

/**
 * Sends calls: those with a token together, as they come, and those without each on its own.
 *
 * @param deviceProof what goes along with a login, if there is one
 */
export function transportLink(server: Server, deviceProof: () => Promise<string | null>): TRPCLink<AppRouter> {
  const url = server.endpoint
  const send = sendBy(server)
  return splitLink({
    condition: needsToken,
    true: httpBatchLink({
      url,
      fetch: send,
      maxItems: BATCH_MAX,
      maxURLLength: URL_MAX,
      headers: ({ opList }) => ({ ...server.headers, ...authorizationOf(opList) }),
    }),
    false: httpLink({
      url,
      fetch: send,
      headers: async ({ op }) => {
        const proof = op.path === 'auth.login' ? await deviceProof() : null
        return { ...server.headers, ...(proof !== null && { [DEVICE_HEADER]: proof }) }
      },
    }),
  })
}

/**
 * The token of calls that go together: the newest. Of two sessions they never are.
 *
 * @throws LatchkeyError `superseded`
 */
function authorizationOf(operations: Operation[]): Record<string, string> {
  const tokens = operations.map(({ context }) => context[TOKEN]).filter((token) => typeof token === 'string')
  if (new Set(tokens.map((token) => readAccessToken(token)?.sessionId)).size > 1) throw new LatchkeyError('superseded')
  const newest = tokens.at(-1)
  return newest === undefined ? {} : { authorization: `Bearer ${newest}` }
}

/** What tRPC takes for `fetch`. The answer is read here, where it can be told what is wrong with it. */
function sendBy({ fetch }: Server) {
  return async (url: unknown, init?: object) => {
    const { status, headers, body } = await request(fetch, String(url), init as RequestInit)
    return { ok: status < 400, status, headers, json: async () => body }
  }
}
