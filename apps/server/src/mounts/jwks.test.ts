import { expect, putInForce, test } from '@latchkey/core/testing'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { METADATA_PATHS } from './issuer-metadata.ts'
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

test('says how long keys may be kept, by the setting', async ({ core }) => {
  putInForce(core.settings, { JWKS_MAX_AGE: 60 })
  const answer = await mountJwks({ core }).request(PATH)
  expect(answer.headers.get('cache-control')).toBe('public, max-age=60')
})

test.for(METADATA_PATHS)('%s names the issuer and its keys, and promises nothing else', async (path, { core }) => {
  const jwks = mountJwks({ core })
  const metadata = await (await jwks.request(path)).json()
  expect(metadata).toEqual({
    issuer: core.issuer,
    jwks_uri: `${core.issuer}${PATH}`,
    response_types_supported: [],
    grant_types_supported: [],
    token_endpoint_auth_methods_supported: [],
    service_documentation: `${core.issuer}/docs`,
  })
})
