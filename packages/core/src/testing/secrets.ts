import { randomUUID } from 'node:crypto'
import { register } from '../accounts/register.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core, CoreOptions } from '../core.ts'
import { resealKeys } from '../signing-keys/reseal.ts'
import { PASSWORD, test as base, type TestAccount } from './test.ts'

/** The root secret that is being replaced, and the one that comes after it. */
const SECRETS = {
  old: 'the root secret that was there before, long enough',
  new: 'the root secret that comes after it, long enough too',
}

/** The `test` of what goes on while the root secret is changed: instances on one database, which know one secret or two. */
export const test = base
  .extend('ownDatabase', ({ migratedDatabase }): Promise<string> => migratedDatabase())
  /** Knows the old secret only. The first one: its signing keys are sealed under that. */
  .extend('old', async ({ createInstance, ownDatabase: databaseUrl }): Promise<Core> => {
    return await createInstance({ databaseUrl, rootSecret: SECRETS.old })
  })
  /** Makes an instance that knows both. */
  .extend('createBoth', ({ createInstance, old }) => {
    const secrets = { databaseUrl: old.db.url, rootSecret: SECRETS.new, previousRootSecret: SECRETS.old }
    return async (options: Partial<CoreOptions> = {}): Promise<Core> => await createInstance({ ...secrets, ...options })
  })
  /** One of them. */
  .extend('both', ({ createBoth }): Promise<Core> => createBoth())
  /** Makes an instance that knows the new secret only: it comes up once the signing keys are sealed under that. */
  .extend('createNew', ({ createInstance, ownDatabase: databaseUrl }) => async (): Promise<Core> => {
    return await createInstance({ databaseUrl, rootSecret: SECRETS.new })
  })
  .extend('account', async ({ old }): Promise<TestAccount> => {
    const email = `user-${randomUUID()}@example.com`
    return { ...(await register(old, { email, password: PASSWORD })), password: PASSWORD }
  })

/** Seals the signing keys under the new secret, which this instance notices at once, and others when they next look. */
export const reseal = (core: Core): Promise<number> => resealKeys(core, COMMAND)
