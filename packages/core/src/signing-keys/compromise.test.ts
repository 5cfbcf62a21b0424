import { decodeProtectedHeader } from 'jose'
import { checkAccessToken } from '../access-tokens/check.ts'
import { COMMAND } from '../audit/origin.ts'
import { listAuditEvents } from '../audit/read.ts'
import { refresh } from '../sessions/refresh.ts'
import { QUICK_KEYS } from '../testing/keys.ts'
import { makeMember, enter } from '../testing/operators.ts'
import { expect, test } from '../testing/test.ts'
import { compromiseKey } from './compromise.ts'
import { listSigningKeys } from './list.ts'
import { rotateKeys } from './rotate.ts'
import { tendKeys } from './tend.ts'

const INVALID = expect.objectContaining({ code: 'invalid_token' })

test('the key that signs is stopped at once, the next one signs, and no session ends', async ({
  createSigner,
  clock,
}) => {
  const core = await createSigner('EdDSA')
  const { account, refreshToken } = await makeMember(core)
  await enter(core, account)
  const pair = await refresh(core, refreshToken)
  const id = core.ring.active(clock.now()).id
  const next = (await listSigningKeys(core)).find(({ phase }) => phase === 'next')
  const compromise = await compromiseKey(core, id, { actor: COMMAND, reason: 'leaked' })
  expect(compromise).toEqual({
    id,
    algorithm: 'EdDSA',
    phase: 'active',
    signing: next?.id,
    sessions: 2,
    believedElsewhereUntil: new Date(clock.now().getTime() + 300_000),
  })
  expect(() => checkAccessToken(core, pair.accessToken)).toThrow(INVALID)
  const renewed = await refresh(core, pair.refreshToken)
  expect(decodeProtectedHeader(renewed.accessToken).kid).toBe(next?.id)
  expect(checkAccessToken(core, renewed.accessToken).accountId).toBe(account.id)
  expect((await listAuditEvents(core, { name: 'signing_key.compromised', limit: 10 })).items).toMatchObject([
    { actor: 'command', details: { id, phase: 'active', signing: next?.id, reason: 'leaked' } },
  ])
})

test('of keys that do not sign only they are stopped', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA', { settings: QUICK_KEYS })
  const active = core.ring.active(clock.now()).id
  const next = (await listSigningKeys(core)).find(({ phase }) => phase === 'next')
  expect(await compromiseKey(core, next?.id ?? '', { actor: COMMAND })).toMatchObject({
    phase: 'next',
    signing: active,
    sessions: 0,
  })
  const ids = (await listSigningKeys(core)).map(({ id, phase }) => [id, phase])
  expect(ids).toContainEqual([active, 'active'])
  expect(ids.filter(([, phase]) => phase === 'next')).toHaveLength(1)
  expect(ids.flat()).not.toContain(next?.id)
})

test('a switch that was decided happens at once when the key before it is stopped', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA')
  const { from, to } = await rotateKeys(core, { actor: COMMAND })
  expect(await compromiseKey(core, from, { actor: COMMAND })).toMatchObject({ signing: to })
  expect(core.ring.active(clock.now()).id).toBe(to)
})

test('where the key that was to take over is stopped, the one that signs goes on', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA')
  const { from, to } = await rotateKeys(core, { actor: COMMAND })
  expect(await compromiseKey(core, to, { actor: COMMAND })).toMatchObject({ phase: 'next', signing: from })
  clock.advance(400)
  await tendKeys(core)
  expect(core.ring.active(clock.now()).id).toBe(from)
  const { at } = await rotateKeys(core, { actor: COMMAND })
  expect(at).toEqual(new Date(clock.now().getTime() + 5000))
})

test('a key that is not there is not found', async ({ core }) => {
  await expect(compromiseKey(core, 'nobody', { actor: COMMAND })).rejects.toMatchObject({ code: 'not_found' })
})
