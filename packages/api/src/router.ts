import { adminRouter } from './admin/router.ts'
import { authRouter } from './auth.router.ts'
import { meRouter } from './me.router.ts'
import { setupRouter } from './setup.router.ts'
import { router } from './trpc.ts'

/** The whole API: what tRPC serves as it is, and REST by the meta of its procedures. */
export const appRouter = router({ auth: authRouter, me: meRouter, setup: setupRouter, admin: adminRouter })

/** The type of the API. It is the type of the client too; no code is generated. */
export type AppRouter = typeof appRouter
