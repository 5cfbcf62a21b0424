import { deriveKeys } from '../crypto.ts'
import type { Database } from '../database/database.ts'
import { migrate } from '../database/migrate.ts'
import { statement } from '../database/statement.ts'
import { silentLog } from '../log.ts'
import { test as base, expect } from '../testing/test.ts'
import { makeActiveKey } from './make.ts'
import { createRing } from './ring.ts'
import { sealKey, WrongRootSecretError } from './ring-key.ts'
import type { SigningKey } from './signing-key.ts'

const OTHER_SECRET = 'another root secret, of 32 characters and more'

/** All that lies in the database but the private parts. */
const ROWS = statement<Omit<SigningKey, 'sealed' | 'createdAt'>>(
  'test.signing-keys',
  `select id, algorithm, phase, public_jwk as "publicJwk", key_id as "keyId", activated_at as "activatedAt",
          retired_at as "retiredAt"
     from signing_key order by created_at`,
)
const rowsOf = (db: Database) => db.many(ROWS, [])

/** Each test has a database of its own: migrated, without a key. */
const test = base.extend('keylessUrl', async ({ emptyDatabase, createInstance }) => {
  const databaseUrl = await emptyDatabase()
  const { db } = await createInstance({ databaseUrl })
  await migrate(db, silentLog)
  return databaseUrl
})

test('makes the first key before any token needs it', async ({ createInstance, keylessUrl }) => {
  const { ring, db, keys } = await createInstance({ databaseUrl: keylessUrl })
  const { id, algorithm } = ring.active()
  expect(await rowsOf(db)).toEqual([
    {
      id,
      algorithm: 'EdDSA',
      phase: 'active',
      publicJwk: ring.jwks().keys[0],
      keyId: keys.id,
      activatedAt: expect.any(Date),
      retiredAt: null,
    },
  ])
  expect(algorithm).toBe('EdDSA')
})

test('a later start finds the same key', async ({ createInstance, keylessUrl }) => {
  const first = await createInstance({ databaseUrl: keylessUrl })
  const second = await createInstance({ databaseUrl: keylessUrl })
  await first.ring.load()
  expect(second.ring.active().id).toBe(first.ring.active().id)
  expect(second.ring.jwks()).toEqual(first.ring.jwks())
  expect(await rowsOf(first.db)).toHaveLength(1)
})

test.for(['EdDSA', 'ES256', 'RS256', 'HS256'] as const)(
  'instances that start at once on an empty database end with one key for %s',
  async (signingAlgorithm, { createInstance, keylessUrl }) => {
    const start = () => createInstance({ databaseUrl: keylessUrl, signingAlgorithm })
    const cores = await Promise.all([start(), start(), start(), start()])
    const ids = await Promise.all(cores.map(async ({ ring, db }) => [ring.active().id, (await rowsOf(db))[0]?.id]))
    expect(new Set(ids.flat()).size).toBe(1)
  },
)

test('an algorithm that is changed back takes its own key again', async ({ createInstance, keylessUrl }) => {
  const first = await createInstance({ databaseUrl: keylessUrl })
  await createInstance({ databaseUrl: keylessUrl, signingAlgorithm: 'ES256' })
  const { ring, db } = await createInstance({ databaseUrl: keylessUrl })
  expect(ring.active().id).toBe(first.ring.active().id)
  expect((await rowsOf(db)).map(({ algorithm, phase, retiredAt }) => [algorithm, phase, retiredAt])).toEqual([
    ['EdDSA', 'active', null],
    ['ES256', 'retiring', expect.any(Date)],
  ])
})

test('another algorithm takes over, and tokens of the old key are still checked', async ({
  createInstance,
  keylessUrl,
}) => {
  const before = await createInstance({ databaseUrl: keylessUrl })
  const { ring, db } = await createInstance({ databaseUrl: keylessUrl, signingAlgorithm: 'ES256' })
  const old = before.ring.active()
  expect(ring.active().algorithm).toBe('ES256')
  expect(ring.find(old.header)?.id).toBe(old.id)
  expect(ring.jwks().keys.map(({ kid }) => kid)).toEqual([ring.active().id, old.id])
  expect(await rowsOf(db)).toMatchObject([
    { id: old.id, phase: 'retiring', retiredAt: expect.any(Date) },
    { id: ring.active().id, phase: 'active', retiredAt: null },
  ])
})

test('a shared secret is never published', async ({ createInstance, keylessUrl }) => {
  const { ring, db } = await createInstance({ databaseUrl: keylessUrl, signingAlgorithm: 'HS256' })
  expect(ring.jwks()).toEqual({ keys: [] })
  expect(await rowsOf(db)).toMatchObject([{ algorithm: 'HS256', publicJwk: null }])
})

test('another root secret is refused in one clear line, and changes nothing', async ({
  createInstance,
  keylessUrl,
}) => {
  const { db } = await createInstance({ databaseUrl: keylessUrl })
  const before = await rowsOf(db)
  for (const signingAlgorithm of ['EdDSA', 'ES256'] as const) {
    const started = createInstance({ databaseUrl: keylessUrl, rootSecret: OTHER_SECRET, signingAlgorithm })
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
  expect(await rowsOf(db)).toHaveLength(1)
})

test('who writes into the database without the root secret plants no key', async ({ createInstance, keylessUrl }) => {
  const { db, keys } = await createInstance({ databaseUrl: keylessUrl })
  const planted = sealKey(deriveKeys(OTHER_SECRET), await makeActiveKey('EdDSA'))
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
  await db.many(statement('test.rename', `update signing_key set id = 'another'`), [])
  await expect(createInstance({ databaseUrl: keylessUrl })).rejects.toThrow(WrongRootSecretError)
})

test('is unavailable until it is loaded: no token is called bad meanwhile', ({ core: { db, keys } }) => {
  const ring = createRing({ db, keys, algorithm: 'EdDSA' })
  const UNAVAILABLE = expect.objectContaining({ code: 'unavailable', retryAfter: 1 })
  expect(ring.loaded()).toBe(false)
  expect(() => ring.active()).toThrow(UNAVAILABLE)
  expect(() => ring.find('header')).toThrow(UNAVAILABLE)
  expect(() => ring.jwks()).toThrow(UNAVAILABLE)
})
