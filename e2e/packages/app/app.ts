import { once } from 'node:events'
import { createLatchkeyClient } from '@latchkey/client'

const [url = '', service = '', email = '', calls = ''] = process.argv.slice(2)
const latchkey = createLatchkeyClient({ url })
const seen: Record<string, number> = {}
const count = (what: string | number) => (seen[what] = (seen[what] ?? 0) + 1)
latchkey.on(count)

await latchkey.register({ email, password: 'password' })
await latchkey.login({ email, password: 'password' })
for (let call = 0; call < Number(calls); call += 1) {
  count((await latchkey.fetch(service)).status)
  await new Promise((resolve) => setTimeout(resolve, 1000))
}
// The server is stopped now: with a token that is fresh.
const refreshed = new AbortController()
latchkey.on((event) => event === 'TOKEN_REFRESHED' && refreshed.abort())
while (!refreshed.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20))
console.log(JSON.stringify(seen))

await once(process.stdin, 'data')
const answer = await latchkey.fetch(service)
console.log(answer.status, await answer.text())
process.exit()
