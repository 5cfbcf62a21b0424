import { Account } from '../accounts/account.ts'
import { SetupLink } from '../admins/setup-link.ts'
import { AuditEvent } from '../audit/audit-event.ts'
import { Instance } from '../instances/instance.ts'
import { RateLimit } from '../limits/rate-limit.ts'
import { Session } from '../sessions/session.ts'
import { SettingsRevision } from '../settings/revision.ts'
import { SigningKey } from '../signing-keys/signing-key.ts'
import { Statistic } from '../statistics/statistic.ts'

/** Every entity that MikroORM knows. */
export const ENTITIES = [
  Account,
  Session,
  SigningKey,
  AuditEvent,
  SettingsRevision,
  SetupLink,
  Instance,
  Statistic,
  RateLimit,
]
