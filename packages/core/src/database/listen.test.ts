import { silentLog } from '../log.ts'
import { createProxy } from '../testing/proxy.ts'
import { expect, test } from '../testing/test.ts'
import { listen, type Listener } from './listen.ts'
import { statement } from './statement.ts'

const NOTIFY = statement('test.notify', `select pg_notify('test channel', $1)`)
const IN_TIME = { timeout: 5000, interval: 5 }

function listenTo(url: string) {
  const heard: string[] = []
  const state = { begun: 0 }
  const listener: Listener = listen({
    url,
    channels: ['another', 'test channel'],
    log: silentLog,
    onNotification: (channel, payload) => heard.push(`${channel}: ${payload}`),
    onListening: () => state.begun++,
  })
  return { listener, heard, state }
}

test('tells what is notified, and again after the connection was cut', async ({ core, databaseUrl }) => {
  const proxy = await createProxy(databaseUrl)
  const { listener, heard, state } = listenTo(proxy.url)
  await expect.poll(() => state.begun, IN_TIME).toBe(1)
  await core.db.many(NOTIFY, ['one'])
  await expect.poll(() => heard, IN_TIME).toEqual(['test channel: one'])
  proxy.cut()
  await expect.poll(() => listener.listening(), IN_TIME).toBe(false)
  await core.db.many(NOTIFY, ['lost'])
  proxy.mend()
  await expect.poll(() => state.begun, IN_TIME).toBe(2)
  await core.db.many(NOTIFY, ['two'])
  await expect.poll(() => heard, IN_TIME).toEqual(['test channel: one', 'test channel: two'])
  await listener.close()
  await proxy.close()
})

test('a connection that is dead without saying so is given up at once when it is asked to', async ({
  core,
  databaseUrl,
}) => {
  const proxy = await createProxy(databaseUrl)
  const { listener, heard, state } = listenTo(proxy.url)
  await expect.poll(() => state.begun, IN_TIME).toBe(1)
  proxy.freeze()
  await core.db.many(NOTIFY, ['swallowed'])
  expect(listener.listening()).toBe(true)
  listener.reopen()
  expect(listener.listening()).toBe(false)
  proxy.mend()
  await expect.poll(() => state.begun, IN_TIME).toBe(2)
  await core.db.many(NOTIFY, ['heard'])
  await expect.poll(() => heard, IN_TIME).toEqual(['test channel: heard'])
  await listener.close()
  await proxy.close()
})

test('closes within a second, whatever the network does, and while it connects', async ({ databaseUrl }) => {
  const proxy = await createProxy(databaseUrl)
  const frozen = listenTo(proxy.url)
  await expect.poll(() => frozen.state.begun, IN_TIME).toBe(1)
  proxy.freeze()
  const connecting = listenTo(proxy.url)
  const nowhere = listenTo('postgres://nobody@127.0.0.1:1/nothing')
  const start = performance.now()
  await Promise.all([frozen, connecting, nowhere].map(({ listener }) => listener.close()))
  expect(performance.now() - start).toBeLessThan(1000)
  expect([connecting.state.begun, nowhere.state.begun]).toEqual([0, 0])
  await proxy.close()
})
