import { expect, test } from '@latchkey/core/testing'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { mountJwks } from './jwks.ts'

const PATH = '/.well-known/jwks.json'

test('publishes the keys that check our tokens, and no private part', async ({ core, login }) => {
  const answer = await mountJwks({ core }).request(PATH)
  expect(answer.headers.get('content-type')).toBe('application/jwk-set+json')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
  const keys = (await answer.json()) as JSONWebKeySet
  expect(keys.keys.every((key) => !('d' in key))).toBe(true)
  const { accessToken } = await login()
  const { payload } = await jwtVerify(accessToken, createLocalJWKSet(keys), { currentDate: core.clock.now() })
  expect(payload.iss).toBe(core.issuer)
})

test('who has them already is told so', async ({ core }) => {
  const jwks = mountJwks({ core })
  const tag = (await jwks.request(PATH)).headers.get('etag') ?? ''
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const answer = await jwks.request(PATH, { headers: { 'If-None-Match': known } })
    expect(answer.status).toBe(304)
    expect(await answer.text()).toBe('')
    expect(answer.headers.get('etag')).toBe(tag)
  }
  expect((await jwks.request(PATH, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200)
})
