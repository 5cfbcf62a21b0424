import type { Actor } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { lockInTransaction } from '../database/lock.ts'
import { holdAdmin } from './authorize.ts'

/** Whoever makes, changes or removes an admin holds it. */
const LOCK = 'latchkey admins'

/**
 * Changes accounts, roles or sessions of others, in one transaction under one lock of the cluster. Each change sees all
 * those before it: two admins who demote each other at once neither lock each other out nor wait for each other
 * for ever. An admin is checked again inside, because the change that was waited for may have been a demotion.
 *
 * The lock comes first, then that of an address, then the account's row, then its sessions. Hash before, not inside.
 *
 * @throws LatchkeyError what {@link holdAdmin} throws, when an admin acts
 */
export function adminTransaction<T>(core: Core, actor: Actor, work: (transaction: Runner) => Promise<T>): Promise<T> {
  return core.db.transaction(async (transaction) => {
    await lockInTransaction(transaction, LOCK)
    if (actor.kind === 'admin') await holdAdmin(transaction, core, actor)
    return await work(transaction)
  })
}
