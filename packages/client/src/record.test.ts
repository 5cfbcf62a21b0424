import { expect, test } from 'vitest'
import { thisMoment } from './lifetime.ts'
import { platformEnvironment } from './platform.ts'
import { holdPair, readRecord } from './record.ts'
import { makePair } from './testing/tokens.ts'

const environment = platformEnvironment()
const hold = (pair: unknown, before?: ReturnType<typeof holdPair>) =>
  holdPair(pair, { environment, asked: thisMoment(environment), before })

test('a session is read as it was written, with another key for each refresh token', () => {
  const held = hold(makePair())
  expect(readRecord(JSON.stringify(held.record), environment)).toMatchObject({
    record: held.record,
    claims: held.claims,
  })
  expect(hold(makePair(), held).record.exchangeKey).not.toBe(held.record.exchangeKey)
})

test('what else may lie in the storage is no session, and no fault', () => {
  const { record } = hold(makePair())
  const others = [
    { ...record, version: 2 },
    { ...record, accessToken: 'x' },
    { ...record, refreshToken: 'x' },
    { ...record, exchangeKey: null },
    { ...record, askedAt: 'yesterday' },
    { ...record, user: { id: '7' } },
    { ...record, pause: {} },
    [record],
    null,
    7,
  ]
  const texts = [null, '', '{', '{"version":1', 'undefined', ...others.map((other) => JSON.stringify(other))]
  expect(texts.filter((text) => readRecord(text, environment) !== null)).toEqual([])
})

test.for([undefined, null, '', {}, { access_token: 'x' }, { ...makePair(), refresh_token: 'x' }, { access_token: 1 }])(
  '%j are no tokens',
  (pair) => {
    expect(() => hold(pair)).toThrow(expect.objectContaining({ code: 'unreadable_answer' }))
  },
)

test('the account takes the name of a newer token only where the token has another than before', () => {
  const user = { id: 7, username: 'Changed here', email: 'ann@example.com' }
  const known = hold(makePair())
  const before = { ...known, record: { ...known.record, user } }
  expect(hold(makePair(), before).record.user).toEqual(user)
  expect(hold(makePair({ username: 'Bea' }), before).record.user).toEqual({ ...user, username: 'Bea' })
})
