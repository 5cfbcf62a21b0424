import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { Account } from '../accounts/account.ts'
import { indexesOn } from '../database/index-on.ts'

/** Why a session ended. Absent while it lives, and where it just ran out. */
export type EndReason =
  | 'logged_out'
  | 'replayed'
  | 'account_disabled'
  | 'password_changed'
  | 'role_changed'
  | 'surplus'
  | 'ended_by_owner'
  | 'ended_by_admin'

/**
 * One login from start to end: one row, changed in place by each rotation. It holds keyed MACs only; no token can be
 * made from it, or recognised, without the root secret.
 *
 * No index may have a column that `refresh` changes: with one on `expires_at` no update is HOT and the index doubles
 * within 87,000 refreshes. For the same reason the migration sets `fillfactor` 30: with 10 connections on 1,000 sessions
 * in order of their rows, 50 grew from 46 to 82 pages over 50,000 refreshes, 40 from 56 to 93; 30 kept its 72.
 * What never changes comes first, because the write-ahead log of an update leaves out a common beginning.
 */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'session',
  properties: {
    /** `sid` in access tokens; says nothing about the refresh token. */
    id: p.uuid().primary(),
    account: () => p.manyToOne(Account).deleteRule('cascade'),
    /** Which root secret made the MACs. */
    keyId: p.integer(),
    createdAt: p.datetime(),
    /** The absolute end of this login, whatever is refreshed. */
    endsBy: p.datetime(),
    /** MAC(k_selector, selector). Who knows a selector can end that session. */
    selectorMac: p.blob().unique().hidden(),
    endedAt: p.datetime().nullable(),
    endReason: p.text().$type<EndReason>().nullable(),
    /** MAC(k_token, current refresh token). The token itself is stored nowhere. */
    tokenMac: p.blob().hidden(),
    parentMac: p.blob().nullable().hidden(),
    grandparentMac: p.blob().nullable().hidden(),
    /**
     * Bytes of the last rotation, random but for a MAC of the client's retry key where it sent one: with the parent's token
     * they give the successor again.
     */
    successorSalt: p.blob().nullable().hidden(),
    rotatedAt: p.datetime(),
    parentRotatedAt: p.datetime().nullable(),
    expiresAt: p.datetime(),
    /** How many rotations. */
    generation: p.integer().default(0),
    /** How often a parent came again within grace and got the same successor. */
    converged: p.integer().default(0),
    /** The client's address and `User-Agent` at the login. */
    address: p.text().nullable(),
    userAgent: p.text().nullable(),
    /** The client's address at the last rotation. */
    lastAddress: p.text().nullable(),
    /** Came out of a backup and was not refreshed since: its client may hold a newer token than this row knows. */
    restored: p.boolean().default(false),
  },
  indexes: indexesOn('session', {
    session_account_id_index: '(account_id, created_at desc, id desc)',
    session_created_at_index: '(created_at desc, id desc)',
    // A refresh writes the same null into `ended_at`, which leaves its update HOT.
    session_account_live_index: '(account_id) where ended_at is null',
    session_live_index: '(created_at desc, id desc) where ended_at is null',
    session_ended_index: '(created_at desc, id desc) where ended_at is not null',
    session_replayed_index: `(created_at desc, id desc) where end_reason = 'replayed'`,
  }),
})

/** A row of {@link Session}. */
export type Session = InferEntity<typeof Session>
