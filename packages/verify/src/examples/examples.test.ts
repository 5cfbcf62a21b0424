import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestIssuer, type TestIssuer } from '@latchkey/verify/testing'
import { expect, test as base, vi } from 'vitest'

type App = (request: Request) => Response | Promise<Response>

const test = base
  .extend('issuer', (): Promise<TestIssuer> => createTestIssuer({ issuer: 'http://localhost:8000' }))
  /** Serves what `node:http` serves, and sends requests there. */
  .extend('served', ({}, { onCleanup }) => {
    const servers: Server[] = []
    onCleanup(() => servers.forEach((server) => server.close().closeAllConnections()))
    return async (server: Server): Promise<App> => {
      servers.push(server)
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as AddressInfo
      return ({ url, headers }) => fetch(new URL(new URL(url).pathname, `http://127.0.0.1:${port}`), { headers })
    }
  })
  /** Calls an app, with a token or without. */
  .extend('call', () => async (app: App, path: string, token?: string) => {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const answer = await app(new Request(`http://service.test${path}`, { headers }))
    return [answer.status, await answer.text()] as const
  })

test('a service of seven lines, and one line for a token from anywhere', async ({ issuer, call, onTestFinished }) => {
  vi.stubGlobal('fetch', issuer.fetch)
  onTestFinished(() => void vi.unstubAllGlobals())
  const { app } = await import('./service.ts')
  const [status, text] = await call(app.fetch, '/me', await issuer.token({ user_id: 7, username: 'Ann' }))
  expect([status, JSON.parse(text)]).toMatchObject([200, { user_id: 7, username: 'Ann' }])
  const { greet } = await import('./greet.ts')
  expect(await greet(await issuer.token({ username: 'Ann' }))).toBe('Hello Ann')
  expect(await greet(await issuer.token({ user_id: 7 }))).toBe('Hello user 7')
  expect(await greet(await issuer.expiredToken())).toBe('401 token_expired')
})

test('Hono, Express and Fastify welcome everybody, and know who is logged in', async ({ issuer, served, call }) => {
  const { verifier } = issuer
  const listener: RequestListener = (await import('./express.ts')).createApp(verifier)
  const fastify = (await import('./fastify.ts')).createApp(verifier)
  await fastify.ready()
  const hono = (await import('./hono.ts')).createApp(verifier)
  for (const app of [hono.fetch, await served(createServer(listener)), await served(fastify.server)]) {
    expect(await call(app, '/welcome')).toEqual([200, 'Hello stranger'])
    expect(await call(app, '/welcome', await issuer.token({ username: 'Ann' }))).toEqual([200, 'Hello Ann'])
    expect((await call(app, '/welcome', await issuer.forgedToken()))[0]).toBe(401)
  }
})

test('Express, Fastify, node:http and any other say who I am', async ({ issuer, served, call }) => {
  const { verifier } = issuer
  const listener: RequestListener = (await import('./express.ts')).createApp(verifier)
  const fastify = (await import('./fastify.ts')).createApp(verifier)
  await fastify.ready()
  const node = (await import('./node.ts')).createApp(verifier)
  const any = (await import('./fetch.ts')).createApp(verifier)
  for (const app of [await served(createServer(listener)), await served(fastify.server), await served(node), any]) {
    const [status, text] = await call(app, '/me', await issuer.token({ user_id: 7 }))
    expect([status, JSON.parse(text)]).toMatchObject([200, { user_id: 7 }])
    expect((await call(app, '/me'))[0]).toBe(401)
  }
})

test('tRPC says who I am', async ({ issuer, call }) => {
  const app = (await import('./trpc.ts')).createApp(issuer.verifier)
  expect(await call(app, '/trpc/me', await issuer.token({ user_id: 7 }))).toEqual([
    200,
    '{"result":{"data":{"user_id":7}}}',
  ])
  expect(await call(app, '/trpc/welcome')).toEqual([200, '{"result":{"data":"Hello stranger"}}'])
  expect((await call(app, '/trpc/me'))[0]).toBe(401)
})
