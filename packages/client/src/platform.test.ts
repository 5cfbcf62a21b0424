import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from './testing/server.ts'

const INDEX = fileURLToPath(new URL('index.ts', import.meta.url))

/** Runs a module in a process of its own. */
function run(code: string) {
  const module = `import { createLatchkeyClient } from ${JSON.stringify(INDEX)}\n${code}`
  const args = ['--conditions=@latchkey/source', '--input-type=module-typescript', '--eval', module]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 15_000 })
  return { status, stdout, stderr }
}

const SHARED = `
const items = new Map()
const storage = {
  getItem: async (key) => items.get(key) ?? null,
  setItem: async (key, value) => void items.set(key, value),
  removeItem: async (key) => void items.delete(key),
}`

const round = (url: string, account: object) => `
const latchkey = createLatchkeyClient({ url: '${url}', storage })
const events = []
latchkey.on((event) => events.push(event))
await latchkey.login(${JSON.stringify(account)})
const { email } = await latchkey.me()
const other = createLatchkeyClient({ url: '${url}', storage })
const found = (await other.ready())?.user?.email === email`

test('a process that is signed in ends when its work is done, with nothing closed', async ({ server, makeAccount }) => {
  const code = `${SHARED}${round(server.url, await makeAccount())}
console.log(found, events.join())`
  expect(run(code)).toEqual({ status: 0, stdout: 'true INITIAL_SESSION,SIGNED_IN,USER_UPDATED\n', stderr: '' })
})

test('a client that is closed can still do its last calls', async ({ server, makeAccount }) => {
  const code = `${SHARED}${round(server.url, await makeAccount())}
latchkey.close()
await latchkey.logout()
console.log(latchkey.session())`
  expect(run(code)).toEqual({ status: 0, stdout: 'null\n', stderr: '' })
})

test('where the platform has nothing but fetch and timers, as in React Native, all works', async ({
  server,
  makeAccount,
}) => {
  // Node's own fetch is put together with the first use, of what is missing then.
  const bare = `await fetch('${server.url}/livez')
for (const name of ['performance', 'navigator', 'crypto', 'BroadcastChannel', 'addEventListener', 'TextDecoder'])
  Object.defineProperty(globalThis, name, { value: undefined })`
  const code = `${bare}${SHARED}${round(server.url, await makeAccount())}
await latchkey.logout()
console.log(found, events.join(), items.size, (await latchkey.safe.me()).error.code)
latchkey.close()`
  expect(run(code)).toEqual({
    status: 0,
    stdout: 'true INITIAL_SESSION,SIGNED_IN,USER_UPDATED,SIGNED_OUT 1 missing_token\n',
    stderr: '',
  })
})
