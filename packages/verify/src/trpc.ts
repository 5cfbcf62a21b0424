import { initTRPC, TRPCError } from '@trpc/server'
import { type CheckHeader, optional, required } from './check-header.ts'
import { refusalHeaders } from './refusal.ts'
import { TOKEN_ERRORS, TokenError } from './token-error.ts'
import type { Verifier } from './verifier.ts'

/** What the context of the procedures must have: the headers of the request, as Fetch or as Node gives them. */
export interface HeadersContext {
  headers: Headers | { readonly authorization?: string | undefined }
}

const t = initTRPC.context<HeadersContext>().create()

/**
 * A middleware of tRPC that lets nobody through without a good access token: `UNAUTHORIZED`, or `SERVICE_UNAVAILABLE`
 * while the keys cannot be had, with the {@link TokenError} as its cause. Behind it `ctx.claims` says who calls.
 *
 * @example
 * const userProcedure = t.procedure.use(requireToken(verifier))
 */
export const requireToken = (verifier: Verifier) => middleware(verifier, required)

/**
 * Lets through who has no token, too: `ctx.claims` is undefined then. Who comes with a bad or expired one is refused, and
 * can refresh it.
 */
export const optionalToken = (verifier: Verifier) => middleware(verifier, optional)

function middleware<Claims>(verifier: Verifier, check: CheckHeader<Claims>) {
  return t.middleware(async ({ ctx, next }) => {
    const { headers } = ctx
    const header = headers instanceof Headers ? headers.get('authorization') : headers.authorization
    return await next({ ctx: { claims: await orTrpcError(check(verifier, header)) } })
  })
}

async function orTrpcError<T>(checking: Promise<T>): Promise<T> {
  try {
    return await checking
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    const code = cause.status === 401 ? 'UNAUTHORIZED' : 'SERVICE_UNAVAILABLE'
    throw new TRPCError({ code, message: TOKEN_ERRORS[cause.code].title, cause })
  }
}

/**
 * The headers that belong to a refusal, `WWW-Authenticate` or `Retry-After`: tRPC lets no middleware set any. To be given
 * to the adapter that serves the router.
 *
 * @example
 * fetchRequestHandler({ endpoint: '/trpc', req, router, createContext, responseMeta })
 */
export function responseMeta({ errors }: { errors: readonly TRPCError[] }): { headers: Record<string, string> } {
  const refused = errors.map(({ cause }) => cause).find((cause) => cause instanceof TokenError)
  return { headers: refused === undefined ? {} : refusalHeaders(refused) }
}
