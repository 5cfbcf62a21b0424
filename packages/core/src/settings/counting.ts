import type { Core } from '../core.ts'
import { isCanceled } from '../database/faults.ts'
import { LatchkeyError } from '../errors.ts'
import { type AccountFigures, countAccounts, countRemovable, countSessions, type SessionFigures } from './figures.ts'
import type { SettingName, SettingValues } from './registry.ts'

/** Counts for the preview of one change. What takes too long rejects; see {@link isTooMuch}. */
export interface Counting {
  sessions(): Promise<SessionFigures>
  accounts(): Promise<AccountFigures>
  removable(what: 'audit events' | 'statistics', retentionSeconds: number): Promise<number>
}

/** What {@link createCounting} has to know of a change. */
export interface CountedChange {
  before: Readonly<SettingValues>
  after: Readonly<SettingValues>
  isChanged: (name: SettingName) => boolean
}

const HASH_COST = ['PASSWORD_HASH_MEMORY', 'PASSWORD_HASH_ITERATIONS', 'PASSWORD_HASH_PARALLELISM'] as const

/**
 * Counts each table once, whatever the change asks of it, and nobody waits beyond the deadline: the edge would answer
 * for a preview that does.
 *
 * @param deadline in the time of `performance.now()`
 */
export function createCounting(core: Core, { before, after, isChanged }: CountedChange, deadline: number): Counting {
  const over = rejectionAt(deadline)
  const asked = (name: SettingName, value: number) => (isChanged(name) ? value : undefined)
  const inTime = <T>(work: Promise<T>): Promise<T> => Promise.race([work, over])
  return {
    sessions: once(() =>
      inTime(
        countSessions(core, {
          ofAdmins: isChanged('SESSION_MAX_LIFETIME') || isChanged('ADMIN_SESSION_MAX_LIFETIME'),
          // A client that is in use refreshes about once in the life of its access token.
          usedSeconds: asked('ACCESS_TOKEN_LIFETIME', before.ACCESS_TOKEN_LIFETIME),
          unusedSeconds: asked('REFRESH_TOKEN_LIFETIME', after.REFRESH_TOKEN_LIFETIME),
          most: asked('SESSIONS_PER_ACCOUNT_MAX', after.SESSIONS_PER_ACCOUNT_MAX),
          retentionSeconds: asked('SESSION_RETENTION', after.SESSION_RETENTION),
        }),
      ),
    ),
    accounts: once(() => inTime(countAccounts(core, { cost: HASH_COST.some(isChanged) ? after : undefined }))),
    removable: (what, retentionSeconds) => inTime(countRemovable(core, what, retentionSeconds)),
  }
}

/** Whether it is only that counting takes too long. */
export function isTooMuch(error: unknown): boolean {
  return error instanceof TooMuch || (error instanceof LatchkeyError && isCanceled(error.cause))
}

class TooMuch extends Error {}

function rejectionAt(deadline: number): Promise<never> {
  const signal = AbortSignal.timeout(Math.max(0, Math.ceil(deadline - performance.now())))
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new TooMuch('counting takes too long')), { once: true })
  })
  over.catch(() => {})
  return over
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}
