import type { Verifier } from '@latchkey/verify'
import { optionalToken, requireToken, responseMeta } from '@latchkey/verify/trpc'
import { initTRPC } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'

const t = initTRPC.context<{ headers: Headers }>().create()

export function createApp(verifier: Verifier) {
  const userProcedure = t.procedure.use(requireToken(verifier))
  const router = t.router({
    me: userProcedure.query(({ ctx }) => ({ user_id: ctx.claims.user_id })),
    welcome: t.procedure.use(optionalToken(verifier)).query(({ ctx }) => `Hello ${ctx.claims?.username ?? 'stranger'}`),
  })
  const createContext = ({ req }: { req: Request }) => ({ headers: req.headers })
  return (req: Request) => fetchRequestHandler({ endpoint: '/trpc', req, router, createContext, responseMeta })
}
