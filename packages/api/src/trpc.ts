import { actorOf, bearerToken, type Core, checkAccessToken, type Origin, requireAdmin } from '@latchkey/core'
import { initTRPC } from '@trpc/server'
import { asLatchkeyError, trpcError } from './failure.ts'
import type { OperationMeta } from './operation.ts'

/** What each procedure gets, whether it is called by REST or by tRPC. */
export interface ApiContext {
  core: Core
  /** The `Authorization` header as it came. */
  authorization: string | undefined
  /** The `If-Match` header as it came; undefined over tRPC, where the input says it. */
  ifMatch: string | undefined
  /** The `Idempotency-Key` header as it came. */
  idempotencyKey: string | undefined
  /** Names the request in the answer and in the log. */
  requestId: string
  /** Where it comes from, for the audit log. */
  origin: Origin
  /** Sets a header of the answer, if it becomes one over REST. */
  setHeader(name: string, value: string): void
  /** Gives the client what it shall send with its next login. */
  giveDeviceProof(proof: string): void
}

const t = initTRPC
  .context<ApiContext>()
  .meta<OperationMeta>()
  .create({
    // Never a stack trace in an answer, whatever NODE_ENV says.
    isDev: false,
    // Without a context no call was begun; whoever serves refuses such a request by itself, and knows its id.
    errorFormatter: ({ error, ctx }) => trpcError(asLatchkeyError(error), ctx?.requestId ?? 'unknown'),
  })

/** Makes a router. */
export const { router } = t

/** For whoever calls. */
export const publicProcedure = t.procedure

/** For who holds an access token: its claims are in `ctx.claims`. Checking it costs no database call. */
export const sessionProcedure = t.procedure
  .meta({ session: true })
  .use(({ ctx, next }) => next({ ctx: { claims: checkAccessToken(ctx.core, bearerToken(ctx.authorization)) } }))

/**
 * For admins: who acts is in `ctx.actor`. The database is asked whether the session lives and whose role it is, so that
 * who was one a moment ago is out at once.
 */
export const adminProcedure = sessionProcedure.meta({ admin: true }).use(async ({ ctx, next }) => {
  await requireAdmin(ctx.core.db, ctx.core, ctx.claims)
  return await next({ ctx: { actor: actorOf('admin', ctx.claims, ctx.origin) } })
})
