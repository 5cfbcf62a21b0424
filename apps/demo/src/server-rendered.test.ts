import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createCookieJar, expect, test as base } from '@latchkey/client/testing'
import { vi } from 'vitest'

/** The app on a port of its own, in front of a real server, and a browser that has its cookies. */
const test = base.extend('browser', async ({ server }, { onCleanup }) => {
  vi.stubEnv('LATCHKEY_URL', server.url.replace('127.0.0.1', 'localhost'))
  vi.resetModules()
  const { app } = await import('./server-rendered.ts')
  const served = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  await once(served, 'listening')
  onCleanup(() => {
    vi.unstubAllEnvs()
    served.close()
  })
  const { port } = served.address() as AddressInfo
  const jar = createCookieJar()
  const send = async (path: string, form?: Record<string, string>, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      headers: { cookie: jar.header(), 'user-agent': 'Firefox/140.0', ...headers },
      redirect: 'manual',
    })
    jar.take(answer.headers)
    return { status: answer.status, text: await answer.text(), headers: answer.headers }
  }
  return { jar, send }
})

test('signs in, stays in, asks in the name of the user, signs out', async ({ browser: { jar, send }, makeAccount }) => {
  const account = await makeAccount()
  expect((await send('/')).text).toContain('action="/login"')
  expect((await send('/login', { ...account, password: 'wrong' })).text).toContain('Wrong e-mail or password')
  expect(await send('/login', account)).toMatchObject({ status: 303 })
  for (let page = 0; page < 5; page++) {
    expect((await send('/')).text).toMatch(/Hello user \d+/)
    jar.advance(28)
  }
  const { items } = JSON.parse((await send('/devices')).text)
  expect(items).toMatchObject([{ current: true, user_agent: 'Firefox/140.0' }])
  expect(await send('/logout', {})).toMatchObject({ status: 303 })
  expect((await send('/')).text).toContain('action="/login"')
  expect((await send('/devices')).status).toBe(401)
})

test('no token stands in a page, and no script can read one', async ({ browser: { jar, send }, makeAccount }) => {
  await send('/login', await makeAccount())
  jar.advance(28)
  const page = await send('/')
  expect(page.headers.get('cache-control')).toBe('no-store')
  for (const name of ['session', 'access']) {
    const { value = '', attributes = [] } = jar.get(name) ?? {}
    expect(attributes).toContain('HttpOnly')
    for (const part of value.split('.')) expect(page.text).not.toContain(part)
  }
})

test('another site signs nobody in or out', async ({ browser: { send }, makeAccount }) => {
  const account = await makeAccount()
  await send('/login', account)
  const evil = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
  expect((await send('/logout', {}, evil)).status).toBe(403)
  expect((await send('/login', account, evil)).status).toBe(403)
  expect((await send('/')).text).toContain('Hello')
})

test('the page shows this app as it is run', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const [, first] = /```ts\n([^]*?)```/.exec(read('../../../docs/client-cookies.md')) ?? []
  expect(first).toBe(read('./server-rendered.ts'))
})
