import { expect, sendTo, test as base } from '../testing/served.ts'
import { partsObserver } from './request-parts.ts'

/** A server to which every answer is slow. */
const test = base.extend('slowly', async ({ createInstance, serve }) => {
  const core = await createInstance({ observer: partsObserver })
  return sendTo(await serve({ core, slowMs: 0.001 }))
})

test('a slow answer has a line that says what its time went into', async ({ slowly, makeAccount, logged }) => {
  const { email, password } = await makeAccount()
  const login = await slowly('POST', '/api/login', { body: { email, password } })
  const lines = () => logged.filter(({ msg }) => msg === 'slow request')
  await expect.poll(lines).toHaveLength(1)
  expect(lines()[0]).toMatchObject({ level: 'warn', route: '/api/login', status: 200 })
  const [{ hashMs, databaseMs, queueMs, durationMs } = {}] = lines()
  expect(Number(hashMs)).toBeGreaterThan(0.5)
  expect(Number(databaseMs)).toBeGreaterThan(0)
  expect(Number(hashMs) + Number(databaseMs) + Number(queueMs)).toBeLessThanOrEqual(Number(durationMs) + 1)

  await slowly('POST', '/api/refresh', { body: { refresh_token: login.json()['refresh_token'] } })
  await expect.poll(lines).toHaveLength(2)
  const refresh = lines()[1]
  expect(refresh).toMatchObject({ route: '/api/refresh', hashMs: 0 })
  expect(Number(refresh?.['databaseMs'])).toBeGreaterThan(0)
  expect(Number(refresh?.['databaseMs'])).toBeLessThanOrEqual(Number(refresh?.['durationMs']) + 0.1)
})

test('each of those in one batch is told how long it has waited for it', async ({ slowly, login, logged }) => {
  const tokens = await Promise.all(Array.from({ length: 8 }, async () => (await login()).refreshToken))
  await Promise.all(tokens.map((token) => slowly('POST', '/api/refresh', { body: { refresh_token: token } })))
  const lines = () => logged.filter(({ msg }) => msg === 'slow request')
  await expect.poll(lines).toHaveLength(8)
  for (const { databaseMs } of lines()) expect(Number(databaseMs)).toBeGreaterThan(0)
})

test('an answer in time has none', async ({ createInstance, serve, logged }) => {
  const core = await createInstance({ observer: partsObserver })
  const send = sendTo(await serve({ core, slowMs: 60_000 }))
  await send('GET', '/api/me')
  await expect.poll(() => logged.some(({ msg }) => msg === 'request')).toBe(true)
  expect(logged.filter(({ msg }) => msg === 'slow request')).toEqual([])
})
