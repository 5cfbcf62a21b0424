import { type CheckedTokens, createCheckedTokens } from './access-tokens/checked.ts'
import { type Change, createChange } from './accounts/change.ts'
import { createProfiles, type Profiles } from './accounts/read.ts'
import { type Clock, systemClock } from './clock.ts'
import { type DerivedKeys, deriveKeys } from './crypto.ts'
import { type Database, openDatabase } from './database/database.ts'
import { createLimits, type Limits, UNLIMITED } from './limits/limits.ts'
import { type Log, silentLog } from './log.ts'
import { NOBODY, type Observer } from './observer.ts'
import { createPasswords, type Passwords } from './passwords/passwords.ts'
import { createSwap, type Swap } from './sessions/swap.ts'
import { createRefreshTokens, type RefreshTokens } from './sessions/token.ts'
import type { SettingValues } from './settings/registry.ts'
import { createSettings, type Settings } from './settings/snapshot.ts'
import { createRing, type Ring } from './signing-keys/ring.ts'
import { type Counters, createCounters } from './statistics/counters.ts'
import { createTotals, type Totals } from './statistics/totals.ts'

/** What {@link createCore} is made from. */
export interface CoreOptions {
  /** `postgres://…`; PostgreSQL 15 or later. */
  databaseUrl: string
  /** The one secret from outside: at least 32 characters of high entropy. */
  rootSecret: string
  /** The one before it, while it is being changed: what it made is still taken, and nothing is made under it any more. */
  previousRootSecret?: string
  /** `iss` of access tokens: the public URL of this service. */
  issuer: string
  /** `aud` of access tokens, if they shall have one. */
  audience?: string
  /** Whether the strict production defaults of the settings apply. */
  production?: boolean
  /** Settings that the environment fixes. */
  settings?: Partial<SettingValues>
  /** Database connections at most. */
  poolSize?: number
  /** How many processes like this one share the machine; 1 by default. Each hashes on its part of the cores. */
  processes?: number
  /** Whether limits answer 429; only tests and benches may do without. */
  rateLimits?: boolean
  clock?: Clock
  log?: Log
  /** Hears of what happens; nobody by default. */
  observer?: Observer
}

/** The one object that every function of the domain gets first: all it needs, and nothing ambient. */
export interface Core {
  readonly issuer: string
  readonly audience: string | undefined
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  /** Hears of what happens. */
  readonly observer: Observer
  readonly settings: Settings
  /** Of the root secret. */
  readonly keys: DerivedKeys
  /** Of the root secret before it, while that is being changed. */
  readonly previousKeys: DerivedKeys | undefined
  /** Those of the two under which things are made. */
  readonly keysInForce: () => DerivedKeys
  readonly refreshTokens: RefreshTokens
  /** Judges refresh tokens, in batches. */
  readonly swap: Swap
  /** Reads accounts, in batches. */
  readonly profiles: Profiles
  /** Changes accounts for their owners, in batches. */
  readonly change: Change
  readonly passwords: Passwords
  /** How often something may be tried. */
  readonly limits: Limits
  readonly ring: Ring
  /** Access tokens that this instance has checked. */
  readonly checkedTokens: CheckedTokens
  /** What this instance counts for the statistics. */
  readonly counters: Counters
  /** How many sessions and accounts there are. */
  readonly totals: Totals
  /** Closes the database's connections. */
  close(): Promise<void>
}

/**
 * Opens the domain on a database. It is not ready to serve before {@link prepare} has said so.
 *
 * @throws LatchkeyError `unavailable` when the database cannot be reached
 */
export async function createCore(options: CoreOptions): Promise<Core> {
  const { issuer, audience, clock = systemClock, log = silentLog, observer = NOBODY } = options
  const keys = deriveKeys(options.rootSecret)
  const previousKeys = options.previousRootSecret === undefined ? undefined : deriveKeys(options.previousRootSecret)
  const settings = createSettings({
    production: options.production ?? false,
    clock,
    log,
    ...(options.settings && { environment: options.settings }),
  })
  const db = await openDatabase({
    url: options.databaseUrl,
    log,
    observer,
    ...(options.poolSize !== undefined && { poolSize: options.poolSize }),
  })
  const ring = createRing({ db, clock, keys, previousKeys })
  return {
    issuer,
    audience,
    db,
    clock,
    log,
    observer,
    settings,
    keys,
    previousKeys,
    keysInForce: () => ring.keysInForce(),
    refreshTokens: createRefreshTokens({ keys, previousKeys }, () => ring.keysInForce()),
    swap: createSwap({ db, settings, clock, observer }),
    profiles: createProfiles({ db, observer }),
    change: createChange({ db, clock, observer }),
    passwords: createPasswords({
      settings,
      observer,
      others: () => db.batches.count,
      ...(options.processes !== undefined && { processes: options.processes }),
    }),
    limits:
      options.rateLimits === false
        ? UNLIMITED
        : createLimits({ db, clock, settings, limited: (name) => observer.limited(name) }),
    ring,
    checkedTokens: createCheckedTokens(),
    counters: createCounters(),
    totals: createTotals({ db, clock }),
    close: () => db.close(),
  }
}
