import { randomBytes } from 'node:crypto'
import { cloneDatabase, createDatabase, dropDatabase, serverAt } from '@latchkey/embedded-postgres'
import { inject, test as base } from 'vitest'
import { register } from '../accounts/register.ts'
import { type Core, type CoreOptions, createCore } from '../core.ts'
import { prepare } from '../readiness.ts'
import { login } from '../sessions/login.ts'
import type { TokenPair } from '../sessions/pair.ts'
import { type TestClock, testClock } from './clock.ts'
import type { SigningAlgorithm } from '../signing-keys/signing-key.ts'
import { TEMPLATE } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the test run's PostgreSQL is (a superuser's URL). */
    postgresUrl: string
  }
}

/** The password of every account that the fixtures make. */
export const PASSWORD = 'correct horse 42'

/** The root secret of every instance that the fixtures make. */
export const ROOT_SECRET = 'a root secret for tests, of 32 characters and more'

/** Hashing at the least cost that is allowed: tests are about everything else. */
const CHEAP_HASHES = { PASSWORD_HASH_MEMORY: 7168, PASSWORD_HASH_ITERATIONS: 1 }

/** A test account. */
export interface TestAccount {
  id: number
  email: string
  password: string
}

/** The `test` of every package that needs a database: a real one for each worker, nothing mocked. */
export const test = base
  /** The URL of this worker's database. */
  .extend('databaseUrl', { scope: 'worker' }, async ({}, { onCleanup }): Promise<string> => {
    const server = serverAt(inject('postgresUrl'))
    const name = `test_${randomBytes(6).toString('hex')}`
    onCleanup(() => dropDatabase(server, name))
    return await cloneDatabase(server, name, TEMPLATE)
  })
  /** Makes one more database, without a schema; removed after the test. */
  .extend('emptyDatabase', ({}, { onCleanup }) => {
    const server = serverAt(inject('postgresUrl'))
    const names: string[] = []
    onCleanup(async () => {
      for (const name of names) await dropDatabase(server, name)
    })
    return async (): Promise<string> => {
      const name = `empty_${randomBytes(6).toString('hex')}`
      names.push(name)
      return await createDatabase(server, name)
    }
  })
  /** Makes one more database, with the schema and without rows; removed after the test. */
  .extend('migratedDatabase', ({}, { onCleanup }) => {
    const server = serverAt(inject('postgresUrl'))
    const names: string[] = []
    onCleanup(async () => {
      for (const name of names) await dropDatabase(server, name)
    })
    return async (): Promise<string> => {
      const name = `own_${randomBytes(6).toString('hex')}`
      names.push(name)
      return await cloneDatabase(server, name, TEMPLATE)
    }
  })
  /** Time, moved by `clock.advance(seconds)`. */
  .extend('clock', (): TestClock => testClock())
  /** Makes one more core (an instance) on the same database; closed after the test. */
  .extend('createInstance', ({ databaseUrl, clock }, { onCleanup }) => {
    const cores: Core[] = []
    onCleanup(async () => {
      await Promise.all(cores.map((core) => core.close()))
    })
    return async (options: Partial<CoreOptions> = {}): Promise<Core> => {
      const core = await createCore({
        databaseUrl,
        rootSecret: ROOT_SECRET,
        issuer: 'http://localhost:8000',
        clock,
        // The limits are the subject of few tests, and in the way of all that log in often: those few turn them on.
        rateLimits: false,
        ...options,
        settings: { ...CHEAP_HASHES, ...options.settings },
      })
      cores.push(core)
      await prepare(core, { migrating: false })
      return core
    }
  })
  /** Makes an instance on a database of its own, of which it signs with this algorithm from the beginning. */
  .extend('createSigner', ({ createInstance, migratedDatabase }) => {
    return async (algorithm: SigningAlgorithm, options: Partial<CoreOptions> = {}): Promise<Core> => {
      const settings = { ...options.settings, SIGNING_ALGORITHM: algorithm }
      return await createInstance({ databaseUrl: await migratedDatabase(), ...options, settings })
    }
  })
  /** An instance, ready to serve. */
  .extend('core', async ({ createInstance }): Promise<Core> => createInstance())
  /** Makes an account that no other test has. */
  .extend('makeAccount', ({ core }) => async (): Promise<TestAccount> => {
    const email = `user-${randomBytes(6).toString('hex')}@example.com`
    return { ...(await register(core, { email, password: PASSWORD })), password: PASSWORD }
  })
  /** Logs in, to a new account by default. */
  .extend('login', ({ core, makeAccount }) => async (account?: TestAccount): Promise<TokenPair> => {
    return await login(core, account ?? (await makeAccount()))
  })

export { expect } from 'vitest'
export type { TestClock } from './clock.ts'
