import { issueAccessToken } from '../access-tokens/issue.ts'
import { deriveKeys } from '../crypto.ts'
import type { Core } from '../core.ts'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { test as base, expect } from '../testing/test.ts'
import { makeKey } from './make.ts'
import { createRing } from './ring.ts'
import { sealKey, WrongRootSecretError } from './ring-key.ts'
import { SIGNING_ALGORITHMS, type SigningKey } from './signing-key.ts'

const OTHER_SECRET = 'another root secret, of 32 characters and more'

/** All that lies in the database but the private parts; the one that signs first. */
const ROWS = statement<Omit<SigningKey, 'sealed' | 'createdAt'>>(
  'test.signing-keys',
  `select id, algorithm, phase, public_jwk as "publicJwk", key_id as "keyId", activated_at as "activatedAt",
          retired_at as "retiredAt"
     from signing_key order by activated_at nulls last`,
)
const rowsOf = (db: Database) => db.many(ROWS, [])

const activeOf = ({ ring, clock }: Core) => ring.active(clock.now())

/** Each test has a database of its own: migrated, without a key. */
const test = base.extend('keylessUrl', ({ migratedDatabase }) => migratedDatabase())

test('makes a key that signs and one that waits before any token needs one', async ({ createInstance, keylessUrl }) => {
  const core = await createInstance({ databaseUrl: keylessUrl })
  const { id, algorithm } = activeOf(core)
  const shared = { algorithm: 'EdDSA', keyId: core.keys.id, retiredAt: null }
  const jwkOf = (kid?: string) => core.ring.jwks().keys.find((jwk) => jwk.kid === kid)
  const rows = await rowsOf(core.db)
  expect(rows).toEqual([
    { ...shared, id, phase: 'active', publicJwk: jwkOf(id), activatedAt: core.clock.now() },
    { ...shared, id: expect.any(String), phase: 'next', publicJwk: jwkOf(rows[1]?.id), activatedAt: null },
  ])
  expect(algorithm).toBe('EdDSA')
})

test('a later start finds the same keys', async ({ createInstance, keylessUrl }) => {
  const first = await createInstance({ databaseUrl: keylessUrl })
  const second = await createInstance({ databaseUrl: keylessUrl })
  await first.ring.load()
  expect(activeOf(second).id).toBe(activeOf(first).id)
  expect(second.ring.jwks()).toEqual(first.ring.jwks())
  expect(await rowsOf(first.db)).toHaveLength(2)
})

test.for(SIGNING_ALGORITHMS)(
  'instances that start at once on an empty database end with one key for %s',
  async (SIGNING_ALGORITHM, { createInstance, keylessUrl }) => {
    const start = () => createInstance({ databaseUrl: keylessUrl, settings: { SIGNING_ALGORITHM } })
    const cores = await Promise.all([start(), start(), start(), start()])
    expect(new Set(cores.map((core) => activeOf(core).id)).size).toBe(1)
    for (const core of cores) expect(await rowsOf(core.db)).toHaveLength(2)
  },
)

test('a key that is read again is the same object', async ({ createInstance, keylessUrl }) => {
  const core = await createInstance({ databaseUrl: keylessUrl })
  const key = activeOf(core)
  await core.ring.load()
  expect(activeOf(core)).toBe(key)
})

test('a shared secret is never published', async ({ createSigner }) => {
  const { ring, db } = await createSigner('HS256')
  expect(ring.jwks()).toEqual({ keys: [] })
  expect(await rowsOf(db)).toMatchObject([
    { algorithm: 'HS256', publicJwk: null },
    { algorithm: 'HS256', publicJwk: null },
  ])
})

test('signs before its time where the clock was set back, instead of not at all', async ({ core, clock }) => {
  clock.advance(-3600)
  const subject = { accountId: 1, username: '', sessionId: '', now: clock.now() }
  expect(issueAccessToken(core, subject)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
})

test('another root secret is refused in one clear line, and changes nothing', async ({
  createInstance,
  keylessUrl,
}) => {
  const { db } = await createInstance({ databaseUrl: keylessUrl })
  const before = await rowsOf(db)
  for (const SIGNING_ALGORITHM of ['EdDSA', 'ES256'] as const) {
    const settings = { SIGNING_ALGORITHM }
    const started = createInstance({ databaseUrl: keylessUrl, rootSecret: OTHER_SECRET, settings })
    const error: unknown = await started.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WrongRootSecretError)
    expect(String(error)).toMatch(/^WrongRootSecretError: LATCHKEY_SECRET is not the one that this database's keys .+$/)
    expect(String(error)).not.toContain(OTHER_SECRET)
  }
  expect(await rowsOf(db)).toEqual(before)
})

test('of instances that start at once with other root secrets, only those with one serve', async ({
  createInstance,
  keylessUrl,
}) => {
  const secrets = [OTHER_SECRET, undefined, OTHER_SECRET, undefined].map((rootSecret) => rootSecret && { rootSecret })
  const starts = await Promise.allSettled(
    secrets.map((options) => createInstance({ databaseUrl: keylessUrl, ...options })),
  )
  const refused = starts.filter((start) => start.status === 'rejected')
  expect(refused.map(({ reason }) => reason)).toEqual([
    expect.any(WrongRootSecretError),
    expect.any(WrongRootSecretError),
  ])
  const { db } = await createInstance({ databaseUrl: keylessUrl, ...(starts[0]?.status === 'fulfilled' && secrets[0]) })
  expect(await rowsOf(db)).toHaveLength(2)
})

test('who writes into the database without the root secret plants no key', async ({ createInstance, keylessUrl }) => {
  const { db, keys } = await createInstance({ databaseUrl: keylessUrl })
  const planted = sealKey(deriveKeys(OTHER_SECRET), await makeKey('EdDSA'))
  const plant = statement(
    'test.plant',
    `insert into signing_key (id, algorithm, phase, sealed, key_id) values ($1, 'EdDSA', 'retiring', $2, $3)`,
  )
  await db.many(plant, [planted.id, planted.sealed, keys.id])
  await expect(createInstance({ databaseUrl: keylessUrl })).rejects.toThrow(WrongRootSecretError)
})

test('a key opens in its own row only, and is published as what it is', async ({ createInstance, keylessUrl }) => {
  const { ring, db } = await createInstance({ databaseUrl: keylessUrl })
  await db.many(
    statement('test.forge-public', `update signing_key set public_jwk = '{"kty":"OKP","crv":"Ed25519"}'`),
    [],
  )
  const again = await createInstance({ databaseUrl: keylessUrl })
  expect(again.ring.jwks()).toEqual(ring.jwks())
  await db.many(statement('test.rename', `update signing_key set id = 'another' where phase = 'active'`), [])
  await expect(createInstance({ databaseUrl: keylessUrl })).rejects.toThrow(WrongRootSecretError)
})

test('is unavailable until it is loaded: no token is called bad meanwhile', ({ core }) => {
  const ring = createRing(core)
  const UNAVAILABLE = expect.objectContaining({ code: 'unavailable', retryAfter: 1 })
  expect(ring.loaded()).toBe(false)
  expect(() => ring.active(core.clock.now())).toThrow(UNAVAILABLE)
  expect(() => ring.find('header')).toThrow(UNAVAILABLE)
  expect(() => ring.jwks()).toThrow(UNAVAILABLE)
})
