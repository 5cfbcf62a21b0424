import { once } from 'node:events'
import { type Answer, publishing } from '../fixtures/key-server.ts'
import { createSigner } from '../fixtures/signer.ts'
import { expect, test } from '../fixtures/test.ts'

/** Answers that are none. */
const BAD: [string, Answer][] = [
  ['a page', (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>sign in</html>')],
  [
    'a page that says it is JSON',
    (_, response) => response.setHeader('Content-Type', 'application/json').end('<html>'),
  ],
  ['no keys', (_, response) => response.end('{"error":"not found"}')],
  ['keys that are no list', (_, response) => response.end('{"keys":{"length":1}}')],
  ['a list', (_, response) => response.end('[]')],
  ['null', (_, response) => response.end('null')],
  ['nothing', (_, response) => response.end()],
  ['an error', (_, response) => response.writeHead(500).end('{"keys":[]}')],
  ['another success', (_, response) => response.writeHead(202).end('{"keys":[]}')],
  ['too much', (_, response) => response.end(`{"keys":[],"more":"${'a'.repeat(65_536)}"}`)],
  [
    'half of it',
    (_, response) => response.writeHead(200, { 'Content-Length': 1000 }).write('{"keys":[') && response.destroy(),
  ],
  ['nothing at all', (request) => request.socket.destroy()],
]

test.for(BAD)(
  '%s leaves the keys that are there',
  async ([, answer], { makeVerifier, keyServer, signer, clock, settled, makeClaims }) => {
    const errors: unknown[] = []
    const verifier = makeVerifier({ onFetchError: (error) => errors.push(error) })
    await verifier.ready()
    keyServer.answer(answer)
    for (const seconds of [240, 60, 60]) {
      clock.advance(seconds)
      await verifier(await signer.sign(makeClaims()))
      await settled()
    }
    expect(errors).toHaveLength(3)
    expect(errors.every((error) => error instanceof Error)).toBe(true)
  },
)

test('a redirect is not followed, to wherever it leads', async ({ verifier, keyServer, token }) => {
  const forger = await createSigner()
  keyServer.answer((request, response) => {
    if (request.url === '/other') publishing([forger])(request, response)
    else response.writeHead(302, { Location: '/other' }).end()
  })
  await expect(verifier(token)).rejects.toMatchObject({ code: 'unavailable' })
  expect(keyServer.requests.map(({ url }) => url)).toEqual(['/'])
})

test('an endless answer is not read to its end', async ({ makeVerifier, keyServer, token }) => {
  const verifier = makeVerifier({ fetch })
  let closed: Promise<unknown> | undefined
  keyServer.answer((_, response) => {
    closed = once(response, 'close')
    const more = () => {
      while (response.write(' '.repeat(16_384)));
    }
    response.on('drain', more)
    more()
  })
  await expect(verifier(token)).rejects.toMatchObject({ code: 'unavailable' })
  await closed
})

test('who is told that nothing has changed, without having asked so, has no keys', async ({
  verifier,
  keyServer,
  token,
}) => {
  keyServer.answer((_, response) => response.writeHead(304).end())
  await expect(verifier(token)).rejects.toMatchObject({ code: 'unavailable' })
})

/** What an answer says of its age, and the seconds after which the next token makes us ask again. */
const AGES: [Record<string, string>, number][] = [
  [{ 'Cache-Control': 'public, max-age=300' }, 240],
  [{ 'Cache-Control': 'max-age=10' }, 8],
  [{ 'Cache-Control': 's-maxage=5, Max-Age="100"' }, 80],
  [{ 'Cache-Control': 'public, max-age=300', Age: '200' }, 80],
  [{ 'Cache-Control': 'public, max-age=300', Age: '-200' }, 240],
  [{}, 240],
  [{ 'Cache-Control': 'public' }, 240],
  // At most once in a cooldown, whatever a proxy makes of our answer.
  [{ 'Cache-Control': 'no-store' }, 24],
  [{ 'Cache-Control': 'max-age=0' }, 24],
  [{ 'Cache-Control': 'public, max-age=300', Age: '9999' }, 24],
  // Within the hour, whatever a proxy makes of it.
  [{ 'Cache-Control': 'public, max-age=31536000, immutable' }, 2880],
]

test.for(AGES)(
  'keys are kept as long as the answer says: %j',
  async ([headers, seconds], { verifier, keyServer, signer, clock, makeClaims }) => {
    const body = JSON.stringify({ keys: [signer.jwk] })
    keyServer.answer((_, response) => response.writeHead(200, headers).end(body))
    await verifier.ready()
    clock.advance(seconds - 1)
    await verifier(await signer.sign(makeClaims()))
    expect(keyServer.requests).toHaveLength(1)
    clock.advance(1)
    await verifier(await signer.sign(makeClaims()))
    await expect.poll(() => keyServer.requests.length).toBe(2)
  },
)

test('keys that it cannot use are left out, and the others used', async ({ verifier, keyServer, signer, claims }) => {
  const { jwk } = signer
  const others = [
    null,
    'key',
    7,
    [],
    {},
    { ...jwk, kid: undefined },
    { ...jwk, kid: 'encrypts', use: 'enc' },
    { ...jwk, kid: 'signs', key_ops: ['sign'] },
    { ...jwk, kid: 'of-no-algorithm', alg: undefined },
    { ...jwk, kid: 'of-another', alg: 'ES256' },
    { ...jwk, kid: 'of-a-new-one', alg: 'ML-DSA-44', kty: 'AKP' },
    { ...jwk, kid: 'on-another-curve', crv: 'Ed448' },
    { ...jwk, kid: 'broken', x: 'AA' },
    { ...jwk, kid: 'number', x: 7 },
    { kid: 'short', kty: 'RSA', alg: 'RS256', use: 'sig', n: 'AQAB', e: 'AQAB' },
  ]
  keyServer.answer((_, response) => response.end(JSON.stringify({ keys: [...others, jwk], more: true })))
  await verifier(await signer.sign(claims))
  for (const kid of [
    'encrypts',
    'signs',
    'of-no-algorithm',
    'of-another',
    'of-a-new-one',
    'on-another-curve',
    'broken',
  ]) {
    await expect(verifier(await signer.sign(claims, { kid }))).rejects.toMatchObject({ reason: 'unknown_key' })
  }
})
