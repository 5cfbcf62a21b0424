import { setImmediate as turn } from 'node:timers/promises'
import { COMMAND, countSessionsUnderOtherKeys, instancesWithoutSecret, resealKeys, systemClock } from '@latchkey/core'
import { expect, PASSWORD, test } from '@latchkey/core/testing'
import { type Instance, startInstance } from './testing/instance.ts'

const OLD = { LATCHKEY_SECRET: 'the root secret that was there before, long enough' }
const NEW = { LATCHKEY_SECRET: 'the root secret that comes after it, long enough too' }
const BOTH = { ...NEW, LATCHKEY_SECRET_PREVIOUS: OLD.LATCHKEY_SECRET }
const CLIENTS = 12

/** Refreshes without pause, here and there; what an instance that ends does not answer any more is tried again at another. */
function startClient(instances: Instance[], first: string) {
  const client = { token: first, refreshes: 0, stopped: false }
  const running = (async () => {
    while (!client.stopped) {
      const instance = instances[Math.floor(Math.random() * instances.length)]
      const answer = await instance?.post('/api/refresh/', { refresh_token: client.token }).catch(() => undefined)
      await turn()
      if (answer === undefined || answer.status === 503) continue
      expect(answer).toMatchObject({ status: 200 })
      client.token = answer.body.refresh_token ?? ''
      client.refreshes++
    }
  })()
  // What it throws is for who stops it.
  running.catch(() => {})
  return {
    client,
    stop: async () => {
      client.stopped = true
      await running
    },
  }
}

test('the root secret is changed on processes that run, one after the other, and nobody is logged out', {
  timeout: 120_000,
}, async ({ migratedDatabase, createInstance }) => {
  const databaseUrl = await migratedDatabase()
  const start = (name: string, secrets: Record<string, string>) =>
    startInstance({
      DATABASE_URL: databaseUrl,
      PUBLIC_URL: 'https://auth.example',
      LATCHKEY_INSTANCE_NAME: name,
      ...secrets,
    })
  const instances = [await start('a', OLD), await start('b', OLD)]
  /** As a rollout does: the new process is there before the old one goes. */
  const replace = async (place: number, name: string, secrets: Record<string, string>) => {
    const started = await start(name, secrets)
    const [before] = instances.splice(place, 1, started)
    await before?.stop()
  }
  const logIn = async (instance: Instance | undefined, email: string) =>
    (await instance?.post('/api/login/', { email, password: PASSWORD }))?.body.refresh_token ?? ''
  const email = 'ada@example.com'
  await instances[0]?.post('/api/register/', { email, password: PASSWORD })
  const idle = await logIn(instances[0], email)
  const firsts = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => logIn(instances[i % 2], email)))
  const clients = firsts.map((token) => startClient(instances, token))
  /** Until each has been everywhere, most likely. */
  const goOn = async () => {
    const marks = clients.map(({ client }) => client.refreshes + 20)
    await expect
      .poll(() => clients.every(({ client }, i) => client.refreshes >= (marks[i] ?? 0)), { timeout: 20_000 })
      .toBe(true)
  }
  try {
    await replace(0, 'a with both', BOTH)
    const operator = await createInstance({
      databaseUrl,
      rootSecret: BOTH.LATCHKEY_SECRET,
      previousRootSecret: BOTH.LATCHKEY_SECRET_PREVIOUS,
      clock: systemClock,
    })
    expect(await instancesWithoutSecret(operator)).toContain('b')
    await goOn()
    const between = await logIn(instances[0], email)
    expect(await countSessionsUnderOtherKeys(operator)).toBe(CLIENTS + 2)
    await replace(1, 'b with both', BOTH)
    await expect.poll(() => instancesWithoutSecret(operator), { timeout: 20_000 }).toEqual([])

    await resealKeys(operator, COMMAND)
    await expect.poll(() => countSessionsUnderOtherKeys(operator), { timeout: 20_000 }).toBe(2)
    for (const token of [idle, between]) {
      expect(await instances[1]?.post('/api/refresh/', { refresh_token: token })).toMatchObject({ status: 200 })
    }
    await goOn()
    expect(await countSessionsUnderOtherKeys(operator)).toBe(0)

    await replace(0, 'a with the new one', NEW)
    await goOn()
    await replace(1, 'b with the new one', NEW)
    await goOn()
    const refreshes = clients.reduce((sum, { client }) => sum + client.refreshes, 0)
    process.stdout.write(`${refreshes} refreshes while the root secret was changed: none was refused\n`)
  } finally {
    await Promise.all(clients.map(({ stop }) => stop()))
    await Promise.all(instances.map((instance) => instance.kill()))
  }
})
