export { isLatchkeyError, LatchkeyError, type LatchkeyErrorCode } from '../errors.ts'
export type { Credentials, Registered, Registration } from '../router.ts'
export {
  type CookieSessions,
  type CookieSessionsOptions,
  createCookieSessions,
  type RequestOrigin,
} from './cookie-sessions.ts'
export type { CookieSession, CookieSessionStatus } from './session.ts'
