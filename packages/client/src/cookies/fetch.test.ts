/// <reference types="node" />
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test as base } from '../testing/server.ts'
import { createCookieSessions } from './cookie-sessions.ts'
import type { CookieSession } from './session.ts'

/** A service of the app, which refuses as many requests as it is told to, and what it was sent. */
interface Service {
  url: string
  refuse: number
  sent: { authorization: string | undefined; body: string }[]
}

const test = base
  .extend('service', async ({}, { onCleanup }): Promise<Service> => {
    const listener = createServer((incoming, outgoing) => {
      const { authorization } = incoming.headers
      let body = ''
      incoming.setEncoding('utf8').on('data', (text: string) => (body += text))
      incoming.on('end', () => {
        service.sent.push({ authorization, body })
        outgoing.writeHead(service.refuse-- > 0 ? 401 : 200).end('answered')
      })
    })
    await once(listener.listen(0, '127.0.0.1'), 'listening')
    onCleanup(() => listener.close().closeAllConnections())
    const address = listener.address()
    const port = typeof address === 'object' ? address?.port : 0
    const service: Service = { url: `http://127.0.0.1:${port}/`, refuse: 0, sent: [] }
    return service
  })
  .extend('session', async ({ server, makeAccount }): Promise<CookieSession<undefined>> => {
    const sessions = createCookieSessions({ url: server.url, origin: 'http://localhost:3000' })
    const session = await sessions.open({ headers: new Headers() })
    await session.login(await makeAccount())
    return session
  })

test('sends the access token', async ({ session, service }) => {
  expect((await session.fetch(service.url)).status).toBe(200)
  expect(service.sent).toEqual([{ authorization: `Bearer ${session.accessToken}`, body: '' }])
})

test('after a 401 refreshes and sends the same once more', async ({ session, service }) => {
  service.refuse = 1
  const old = session.accessToken
  const answer = await session.fetch(service.url, { method: 'POST', body: 'a note' })
  expect([answer.status, await answer.text()]).toEqual([200, 'answered'])
  expect(session.accessToken).not.toBe(old)
  expect(service.sent).toEqual([
    { authorization: `Bearer ${old}`, body: 'a note' },
    { authorization: `Bearer ${session.accessToken}`, body: 'a note' },
  ])
  const answered = new Headers()
  session.commit(answered)
  expect(answered.getSetCookie().join()).toContain(session.accessToken)
})

test('a second 401 is the answer', async ({ session, service }) => {
  service.refuse = 2
  expect((await session.fetch(service.url)).status).toBe(401)
  expect(service.sent).toHaveLength(2)
})

test('after the end of the session a 401 stays one, and nobody is signed in any more', async ({
  session,
  service,
  server,
}) => {
  await session.fetch(`${server.url}/api/me/delete/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ password: 'correct horse 42' }),
  })
  service.refuse = 1
  expect((await session.fetch(service.url)).status).toBe(401)
  expect(session.status).toBe('signed-out')
})

test('without a session nothing is added', async ({ server, service }) => {
  const sessions = createCookieSessions({ url: server.url, origin: 'http://localhost:3000' })
  service.refuse = 1
  const session = await sessions.open({ headers: new Headers() })
  expect((await session.fetch(service.url)).status).toBe(401)
  expect(service.sent).toEqual([{ authorization: undefined, body: '' }])
})

test('a service that refuses everything makes one refresh, and an Authorization of the app goes as it is', async ({
  session,
  service,
}) => {
  service.refuse = 10
  for (let call = 0; call < 3; call++) await session.fetch(service.url)
  expect(new Set(service.sent.map(({ authorization }) => authorization)).size).toBe(2)
  await session.fetch(service.url, { headers: { authorization: 'Basic YTpi' } })
  expect(service.sent.at(-1)).toEqual({ authorization: 'Basic YTpi', body: '' })
})
