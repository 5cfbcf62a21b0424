import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { indexesOn } from '../database/index-on.ts'
import type { AuditEventName } from './events.ts'
import { ACTOR_KINDS } from './origin.ts'

/**
 * What is worth keeping for an operator's questions. No token, selector, password or hash ever comes here.
 *
 * Rows are only ever added. The table is partitioned by month, so that old months go at once and cost nothing; what no
 * month takes falls into `audit_event_other`. Accounts and sessions are no foreign keys: an event outlives them.
 */
export const AuditEvent = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_event',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    at: p.datetime().primary(),
    name: p.text().$type<AuditEventName>(),
    /** Whom it concerns. */
    accountId: p.integer().nullable(),
    sessionId: p.uuid().nullable(),
    actor: p.enum(ACTOR_KINDS).default('anyone'),
    /** Who did it, where it was an account. */
    actorId: p.integer().nullable(),
    actorSessionId: p.uuid().nullable(),
    address: p.text().nullable(),
    userAgent: p.text().nullable(),
    requestId: p.text().nullable(),
    details: p.json().nullable(),
  },
  indexes: indexesOn('audit_event', {
    audit_event_at_index: '(at desc, id desc)',
    audit_event_name_index: '(name, at desc, id desc)',
    audit_event_account_id_index: '(account_id, at desc, id desc, name)',
    audit_event_actor_id_index: `(actor_id, at desc, id desc) where actor = 'admin'`,
    audit_event_address_index: '(address, at desc, id desc, name) where address is not null',
  }),
})

/** A row of {@link AuditEvent}. */
export type AuditEvent = InferEntity<typeof AuditEvent>
