import { decodeProtectedHeader } from 'jose'
import { checkAccessToken } from '../access-tokens/check.ts'
import { issueAccessToken } from '../access-tokens/issue.ts'
import { COMMAND } from '../audit/origin.ts'
import { listAuditEvents } from '../audit/read.ts'
import type { Core } from '../core.ts'
import { QUICK_KEYS, switchKey } from '../testing/keys.ts'
import { makeMember } from '../testing/operators.ts'
import { putInForce } from '../testing/settings.ts'
import { expect, test } from '../testing/test.ts'
import { listSigningKeys } from './list.ts'
import { rotateKeys } from './rotate.ts'
import { tendKeys } from './tend.ts'

const DAY = 86_400
const sessionId = '7f3c2f0e-9d1b-4c37-8a5e-2b6f0c9d4e11'
const issue = (core: Core) => issueAccessToken(core, { accountId: 7, username: '', sessionId, now: core.clock.now() })
const signerOf = (core: Core) => decodeProtectedHeader(issue(core)).kid
const phasesOf = async (core: Core) => (await listSigningKeys(core)).map(({ id, phase }) => [id, phase])

test('the switch happens on every instance at the same moment, told or not', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA', { settings: QUICK_KEYS })
  const other = await createSigner('EdDSA', { databaseUrl: core.db.url, settings: QUICK_KEYS })
  const old = signerOf(core)
  clock.advance(60)
  const { from, to, at } = await rotateKeys(core, { actor: COMMAND })
  await other.ring.load()
  expect(at).toEqual(new Date(clock.now().getTime() + 5000))
  clock.advance(4.999)
  expect([old, signerOf(core), signerOf(other)]).toEqual([from, from, from])
  clock.advance(0.001)
  expect([signerOf(core), signerOf(other)]).toEqual([to, to])
})

test('a key waits until every JWKS without it has run out', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA')
  const published = clock.now().getTime()
  clock.advance(10)
  expect((await rotateKeys(core, { actor: COMMAND })).at).toEqual(new Date(published + 305_000))
})

test('the old key is there until its last token has run out, and then is gone', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA', { settings: QUICK_KEYS })
  clock.advance(60)
  const { from, to, publishedUntil } = await switchKey(core, clock)
  const next = (await listSigningKeys(core)).find(({ phase }) => phase === 'next')
  expect(publishedUntil).toEqual(new Date(clock.now().getTime() + 35_000))
  clock.advance(34.999)
  await tendKeys(core)
  expect(Object.fromEntries(await phasesOf(core))).toEqual({
    [next?.id ?? '']: 'next',
    [to]: 'active',
    [from]: 'retiring',
  })
  clock.advance(0.001)
  await tendKeys(core)
  expect(Object.fromEntries(await phasesOf(core))).toEqual({ [next?.id ?? '']: 'next', [to]: 'active' })
  expect(new Set(core.ring.jwks().keys.map(({ kid }) => kid))).toEqual(new Set([next?.id, to]))
})

test('tokens of a lifetime that was longer before are still good after the switch', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA', { settings: { JWKS_MAX_AGE: 1 } })
  putInForce(core.settings, { ACCESS_TOKEN_LIFETIME: 3600 })
  await tendKeys(core)
  const token = issue(core)
  putInForce(core.settings, { ACCESS_TOKEN_LIFETIME: 30 })
  await switchKey(core, clock)
  for (let minute = 0; minute < 59; minute++) {
    clock.advance(60)
    await tendKeys(core)
    expect(checkAccessToken(core, token).accountId).toBe(7)
  }
  clock.advance(180)
  await tendKeys(core)
  expect(() => checkAccessToken(core, token)).toThrow(expect.objectContaining({ code: 'invalid_token' }))
})

test('rotates by itself once the interval is over, and once for all instances', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA')
  const others = await Promise.all([1, 2, 3].map(() => createSigner('EdDSA', { databaseUrl: core.db.url })))
  clock.advance(90 * DAY - 1)
  await tendKeys(core)
  expect(await phasesOf(core)).toHaveLength(2)
  clock.advance(1)
  await Promise.all([core, ...others].map((each) => tendKeys(each)))
  expect(await phasesOf(core)).toHaveLength(3)
  const { items } = await listAuditEvents(core, { name: 'signing_key.rotated', limit: 10 })
  expect(items).toMatchObject([{ actor: 'system', details: { because: 'interval' } }])
})

test('commands that rotate at once decide one switch', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA')
  const other = await createSigner('EdDSA', { databaseUrl: core.db.url })
  clock.advance(400)
  const rotations = await Promise.all([core, other, core, other].map((each) => rotateKeys(each, { actor: COMMAND })))
  expect(new Set(rotations.map(({ to }) => to)).size).toBe(1)
  expect(rotations.filter(({ decidedBefore }) => !decidedBefore)).toHaveLength(1)
  expect(await phasesOf(core)).toHaveLength(3)
})

test('a rehearsal says what would happen, and changes nothing', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA')
  clock.advance(400)
  const before = await listSigningKeys(core)
  const rehearsed = await rotateKeys(core, { actor: COMMAND, rehearse: true })
  expect(await listSigningKeys(core)).toEqual(before)
  expect((await listAuditEvents(core, { name: 'signing_key.rotated', limit: 10 })).items).toEqual([])
  expect(await rotateKeys(core, { actor: COMMAND })).toEqual(rehearsed)
})

test.for([
  ['EdDSA', 'ES256'],
  ['ES256', 'RS256'],
  ['RS256', 'HS256'],
  ['HS256', 'EdDSA'],
] as const)('a change from %s to %s is a rotation like any other', async ([from, to], { createSigner, clock }) => {
  const core = await createSigner(from)
  clock.advance(60)
  const changed = await createSigner(to, { databaseUrl: core.db.url })
  clock.advance(290)
  const token = issue(changed)
  expect(decodeProtectedHeader(token).alg).toBe(from)
  clock.advance(10)
  await tendKeys(changed)
  clock.advance(5)
  expect(decodeProtectedHeader(issue(changed)).alg).toBe(to)
  expect(checkAccessToken(changed, token).accountId).toBe(7)
})

test('an admin who is one no more rotates nothing', async ({ createSigner }) => {
  const core = await createSigner('EdDSA')
  const { actor } = await makeMember(core)
  await expect(rotateKeys(core, { actor })).rejects.toMatchObject({ code: 'admin_required' })
})
