export { createLatchkeyClient } from './client.ts'
export type { Channel, Environment, Locks } from './environment.ts'
export { isLatchkeyError, LatchkeyError, type LatchkeyErrorCode } from './errors.ts'
export type { CallOptions, Latchkey, LatchkeyCalls, LatchkeyClientOptions } from './latchkey.ts'
export type {
  AppRouter,
  Credentials,
  FieldError,
  Me,
  MeChange,
  OwnSession,
  PasswordChange,
  Registered,
  Registration,
  RevisionConflict,
  ServerErrorCode,
} from './router.ts'
export type { Result, Safe } from './safe.ts'
export type { Session, SessionEvent, SessionListener } from './session.ts'
export type { TokenStorage } from './token-storage.ts'
