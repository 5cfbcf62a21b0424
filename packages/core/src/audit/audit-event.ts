import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** What is worth keeping for an operator's questions. No token, selector, password or hash ever comes here. */
export const AuditEvent = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_event',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    at: p.datetime(),
    /** Such as `session.replayed`. */
    name: p.text(),
    /** Whom it concerns. Not a foreign key: the event outlives the account. */
    accountId: p.integer().nullable(),
    sessionId: p.uuid().nullable(),
  },
  indexes: [{ properties: ['at'] }],
})

/** A row of {@link AuditEvent}. */
export type AuditEvent = InferEntity<typeof AuditEvent>
