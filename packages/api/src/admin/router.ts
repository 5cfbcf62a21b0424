import { router } from '../trpc.ts'
import { auditRouter } from './audit.router.ts'
import { instancesRouter } from './instances.router.ts'
import { keysRouter } from './keys.router.ts'
import { sessionsRouter } from './sessions.router.ts'
import { settingsRouter } from './settings.router.ts'
import { statisticsRouter } from './statistics.router.ts'
import { usersRouter } from './users.router.ts'

/** What admins may do. Every procedure in here starts from `adminProcedure`; a test sees to it. */
export const adminRouter = router({
  users: usersRouter,
  sessions: sessionsRouter,
  settings: settingsRouter,
  keys: keysRouter,
  audit: auditRouter,
  statistics: statisticsRouter,
  instances: instancesRouter,
})
