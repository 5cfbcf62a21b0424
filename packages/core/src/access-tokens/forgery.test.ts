import { createPublicKey, randomUUID, sign } from 'node:crypto'
import * as fc from 'fast-check'
import { CompactEncrypt, CompactSign, decodeJwt, decodeProtectedHeader } from 'jose'
import type { Core } from '../core.ts'
import { makeKey } from '../signing-keys/make.ts'
import { SIGNING_ALGORITHMS } from '../signing-keys/signing-key.ts'
import { QUICK_KEYS, switchKey } from '../testing/keys.ts'
import { test as base, expect } from '../testing/test.ts'
import { checkAccessToken } from './check.ts'
import { issueAccessToken } from './issue.ts'

const INVALID = expect.objectContaining({ code: 'invalid_token' })

const issue = (core: Core) =>
  issueAccessToken(core, { accountId: 7, username: '', sessionId: randomUUID(), now: core.clock.now() })

/** A good token, to forge others from. */
const test = base.extend('token', ({ core }) => issue(core))

function split(token: string): { header: string; payload: string; signature: string } {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return { header, payload, signature }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function expectRefused(core: Core, forged: string): void {
  expect(() => checkAccessToken(core, forged)).toThrow(INVALID)
}

test('alg none is refused, with a signature and without', ({ core, token }) => {
  const { header, payload, signature } = split(token)
  expectRefused(core, `${header}.${payload}.`)
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null]) {
    const unsigned = encode({ ...decodeProtectedHeader(token), alg })
    expectRefused(core, `${unsigned}.${payload}.`)
    expectRefused(core, `${unsigned}.${payload}.${signature}`)
  }
})

test.for(['EdDSA', 'ES256', 'RS256'] as const)(
  'a MAC keyed with what everybody knows of a key for %s is refused',
  async (signingAlgorithm, { createSigner }) => {
    const core = await createSigner(signingAlgorithm)
    const [jwk = {}] = core.ring.jwks().keys
    const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
    const der = publicKey.export({ format: 'der', type: 'spki' })
    const { header, payload } = split(issue(core))
    for (const known of [pem, pem.trim(), JSON.stringify(jwk), JSON.stringify(core.ring.jwks()), der]) {
      const forged = await new CompactSign(Buffer.from(payload, 'base64url'))
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: String(jwk.kid) })
        .sign(Buffer.from(known))
      expectRefused(core, forged)
      expectRefused(core, `${header}.${payload}.${split(forged).signature}`)
    }
  },
)

test.for(SIGNING_ALGORITHMS)(
  'a signature for %s by a key that is not ours is refused, even where the token brings that key along',
  async (alg, { core, token }) => {
    const { privateKey, publicKey, id } = await makeKey(alg)
    const { header, payload } = split(token)
    const jwk = publicKey.export({ format: 'jwk' })
    for (const change of [{}, { kid: id }, { jwk }, { kid: id, jwk }]) {
      const forged = await new CompactSign(Buffer.from(payload, 'base64url'))
        .setProtectedHeader({ typ: 'at+jwt', kid: core.ring.active(core.clock.now()).id, ...change, alg })
        .sign(privateKey)
      expectRefused(core, forged)
      expectRefused(core, `${header}.${payload}.${split(forged).signature}`)
    }
  },
)

test('the kid of one of our keys does not cover the signature of another', async ({ createSigner, clock }) => {
  const before = await createSigner('EdDSA', { settings: QUICK_KEYS })
  clock.advance(60)
  const token = issue(before)
  const both = await createSigner('ES256', { databaseUrl: before.db.url, settings: QUICK_KEYS })
  await switchKey(both, clock)
  const [old, current] = [split(token), split(issue(both))]
  const swapped = [
    { ...old, header: current.header },
    { ...current, header: old.header },
    { ...old, signature: current.signature },
    { ...old, header: encode({ ...decodeProtectedHeader(token), kid: both.ring.active(both.clock.now()).id }) },
  ]
  for (const { header, payload, signature } of swapped) expectRefused(both, `${header}.${payload}.${signature}`)
})

test('a payload does not go with the signature of another', ({ core, token }) => {
  const { header, payload, signature } = split(token)
  expectRefused(core, `${header}.${encode({ ...decodeJwt(token), user_id: 1, sub: '1' })}.${signature}`)
  expectRefused(core, `${header}.${payload}.${split(issue(core)).signature}`)
})

test.for(SIGNING_ALGORITHMS)(
  'a signature of any length is refused for %s',
  async (signingAlgorithm, { createSigner }) => {
    const core = await createSigner(signingAlgorithm)
    const { header, payload } = split(issue(core))
    for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 255, 256, 257]) {
      expectRefused(core, `${header}.${payload}.${Buffer.alloc(length, 1).toString('base64url')}`)
    }
  },
)

test('an ES256 signature in the form of OpenSSL is refused', async ({ createSigner }) => {
  const core = await createSigner('ES256')
  const { header, payload } = split(issue(core))
  const der = sign('sha256', Buffer.from(`${header}.${payload}`), core.ring.active(core.clock.now()).privateKey)
  expectRefused(core, `${header}.${payload}.${der.toString('base64url')}`)
})

test('an encrypted token, of five parts, is refused', async ({ core, token }) => {
  const encrypted = await new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'JWT', kid: core.ring.active(core.clock.now()).id })
    .encrypt(Buffer.alloc(32))
  expect(encrypted.split('.')).toHaveLength(5)
  expectRefused(core, encrypted)
})

test('another spelling of a good token is refused', ({ core, token }) => {
  const { header, payload, signature } = split(token)
  const spellings = [
    `${token}.`,
    `.${token}`,
    `${header}..${payload}.${signature}`,
    `${header}.${payload}`,
    `${token}=`,
    `${token}==`,
    `${header}.${payload}=.${signature}`,
    ` ${token}`,
    `${token} `,
    `${token}\n`,
    `${token}\0`,
    `${header}.${payload}.${signature.slice(0, 10)}\n${signature.slice(10)}`,
    `Bearer ${token}`,
    JSON.stringify({ protected: header, payload, signature }),
  ]
  for (const spelling of spellings) expectRefused(core, spelling)
})

test.for(SIGNING_ALGORITHMS)(
  'any one character changed spoils a token for %s',
  async (signingAlgorithm, { createSigner }) => {
    const core = await createSigner(signingAlgorithm)
    const token = issue(core)
    const others = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. ')
    const spoil = (index: number, other: string) => {
      if (token[index] !== other) expectRefused(core, token.slice(0, index) + other + token.slice(index + 1))
    }
    // The last one has bits that no byte needs: Node's decoder takes several characters there for the same signature.
    for (const other of others) spoil(token.length - 1, other)
    fc.assert(fc.property(fc.nat(token.length - 1), fc.constantFrom(...others), spoil))
  },
)

test('any text is refused, never a fault', ({ core, token }) => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
  )
  const parts = fc.array(fc.oneof(text, fc.constantFrom('', ...token.split('.'))), { maxLength: 6 })
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        parts.map((several) => several.join('.')),
      ),
      (any) => {
        fc.pre(any !== token)
        expectRefused(core, any)
      },
    ),
  )
})

test('a huge token is refused at once', ({ core, token }) => {
  const started = performance.now()
  for (const part of ['a', '.', 'a.', token]) expectRefused(core, part.repeat(5_000_000 / part.length))
  expect(performance.now() - started).toBeLessThan(1000)
})
