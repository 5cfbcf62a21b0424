import { Account } from '../accounts/account.ts'
import { AuditEvent } from '../audit/audit-event.ts'
import { Session } from '../sessions/session.ts'
import { SigningKey } from '../signing-keys/signing-key.ts'

/** Every entity that MikroORM knows. */
export const ENTITIES = [Account, Session, SigningKey, AuditEvent]
