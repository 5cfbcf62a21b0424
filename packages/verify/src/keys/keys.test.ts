import { vi } from 'vitest'
import { publishing } from '../fixtures/key-server.ts'
import { createSigner } from '../fixtures/signer.ts'
import { expect, test } from '../fixtures/test.ts'
import { createVerifier } from '../verifier.ts'

const UNKNOWN = { code: 'invalid_token', reason: 'unknown_key' }
const UNAVAILABLE = { code: 'unavailable', reason: 'no_keys', status: 503 }

test('the first fetch is one for all who wait for it', async ({ verifier, keyServer, signer, makeClaims }) => {
  const tokens = await Promise.all(Array.from({ length: 200 }, () => signer.sign(makeClaims())))
  await Promise.all([verifier.ready(), ...tokens.map((token) => verifier(token))])
  expect(keyServer.requests).toHaveLength(1)
})

test('the keys are below the issuer, unless it is said where', async ({ keyServer }) => {
  const asked: string[] = []
  const fetchHere = (url: string, init: RequestInit) => {
    asked.push(url)
    return fetch(keyServer.url, init)
  }
  const issuer = 'https://example.com/auth/'
  await createVerifier({ issuer, fetch: fetchHere }).ready()
  await createVerifier({ issuer, fetch: fetchHere, jwksUrl: 'http://keys.internal:8000/jwks' }).ready()
  expect(asked).toEqual(['https://example.com/auth/.well-known/jwks.json', 'http://keys.internal:8000/jwks'])
})

test('while tokens come nobody waits for the network, which is asked once in each max-age', async ({
  verifier,
  keyServer,
  signer,
  clock,
  settled,
  makeClaims,
}) => {
  await verifier.ready()
  for (let second = 0; second < 3000; second += 10) {
    clock.advance(10)
    const release = keyServer.hold()
    await verifier(await signer.sign(makeClaims()))
    release()
    await settled()
  }
  // 240 s apart: 80 % of the 300 s that an answer may be kept.
  expect(keyServer.requests).toHaveLength(1 + 12)
  expect(keyServer.requests.slice(1).every(({ headers }) => headers['if-none-match'] !== undefined)).toBe(true)
})

test('a token that comes often costs one look at its signature, even when the keys were fetched anew', async ({
  verifier,
  keyServer,
  signer,
  clock,
  makeClaims,
  onTestFinished,
}) => {
  const looks = vi.spyOn(crypto.subtle, 'verify')
  onTestFinished(() => looks.mockRestore())
  const token = await signer.sign(makeClaims({ exp: makeClaims().exp + 3600 }))
  for (let i = 0; i < 100; i++) await verifier(token)
  expect(keyServer.requests).toHaveLength(1)
  keyServer.answer(publishing([signer, await createSigner()]))
  clock.advance(300)
  for (let i = 0; i < 100; i++) await verifier(token)
  expect(keyServer.requests).toHaveLength(2)
  expect(looks).toHaveBeenCalledTimes(1)
})

test('a new key is known before it signs, to who caches to the letter', async ({
  verifier,
  keyServer,
  signer,
  clock,
  settled,
  makeClaims,
}) => {
  await verifier(await signer.sign(makeClaims()))
  const next = await createSigner('ES256')
  keyServer.answer(publishing([signer, next]))
  clock.advance(240)
  await verifier(await signer.sign(makeClaims()))
  await settled()
  clock.advance(60)
  await keyServer.stop()
  await verifier(await next.sign(makeClaims()))
})

test('a key that is new is fetched for, once for all who bring it', async ({
  verifier,
  keyServer,
  clock,
  makeClaims,
}) => {
  await verifier.ready()
  clock.advance(31)
  const rotated = await createSigner()
  keyServer.answer(publishing([rotated]))
  const tokens = await Promise.all(Array.from({ length: 100 }, () => rotated.sign(makeClaims())))
  await Promise.all(tokens.map((token) => verifier(token)))
  expect(keyServer.requests).toHaveLength(2)
})

test('a flood of keys that nobody has costs one fetch in each cooldown, and honest tokens nothing', async ({
  verifier,
  keyServer,
  signer,
  clock,
  makeClaims,
}) => {
  const [, payload, signature] = (await signer.sign(makeClaims())).split('.')
  const forged = () => {
    const header = JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: crypto.randomUUID() })
    return `${Buffer.from(header).toString('base64url')}.${payload}.${signature}`
  }
  const flood = async () => {
    const answers = await Promise.allSettled(Array.from({ length: 2000 }, () => verifier(forged())))
    return answers.filter(({ status }) => status === 'rejected').length
  }
  await verifier.ready()
  for (let second = 0; second < 90; second += 10) {
    expect(await flood()).toBe(2000)
    const release = keyServer.hold()
    await verifier(await signer.sign(makeClaims()))
    release()
    clock.advance(10)
  }
  expect(keyServer.requests).toHaveLength(1 + 2)
})

test('a key that has left the JWKS is refused as soon as that was read, with tokens that were checked before', async ({
  verifier,
  keyServer,
  signer,
  clock,
  makeClaims,
}) => {
  const token = await signer.sign(makeClaims({ exp: makeClaims().exp + 3600 }))
  const next = await createSigner()
  await verifier(token)
  keyServer.answer(publishing([next]))
  clock.advance(31)
  await verifier(await next.sign(makeClaims()))
  await expect(verifier(token)).rejects.toMatchObject(UNKNOWN)
})

test('a key that left while nobody asked is refused by the first to bring it', async ({
  verifier,
  keyServer,
  signer,
  clock,
  makeClaims,
}) => {
  await verifier.ready()
  keyServer.answer(publishing([await createSigner()]))
  clock.advance(300)
  await expect(verifier(await signer.sign(makeClaims()))).rejects.toMatchObject(UNKNOWN)
})

test('another key by the same name is another key', async ({ verifier, keyServer, signer, clock, makeClaims }) => {
  const token = await signer.sign(makeClaims({ exp: makeClaims().exp + 3600 }))
  await verifier(token)
  const other = await createSigner()
  keyServer.answer(publishing([{ ...other, jwk: { ...other.jwk, kid: signer.kid } }]))
  clock.advance(300)
  await expect(verifier(token)).rejects.toMatchObject({ reason: 'signature' })
  await verifier(await other.sign(makeClaims(), { kid: signer.kid }))
})

test('keys are kept while the server is down, for a day, and no longer', async ({
  makeVerifier,
  keyServer,
  signer,
  clock,
  settled,
  makeClaims,
}) => {
  const errors: unknown[] = []
  const verifier = makeVerifier({ onFetchError: (error) => errors.push(error) })
  await verifier.ready()
  await keyServer.stop()
  for (let minute = 4; minute < 24 * 60; minute += 4) {
    clock.advance(240)
    await verifier(await signer.sign(makeClaims()))
    await settled()
  }
  expect(errors).toHaveLength(24 * 15 - 1)
  clock.advance(240)
  const token = await signer.sign(makeClaims())
  await expect(verifier(token)).rejects.toMatchObject(UNAVAILABLE)
  await keyServer.start()
  clock.advance(30)
  await verifier(await signer.sign(makeClaims()))
})

test('how long they are kept can be said; never shorter than the server says itself', async ({
  makeVerifier,
  keyServer,
  signer,
  clock,
  makeClaims,
}) => {
  const verifier = makeVerifier({ keepSeconds: 0 })
  await verifier.ready()
  await keyServer.stop()
  clock.advance(299)
  await verifier(await signer.sign(makeClaims()))
  clock.advance(1)
  await expect(verifier(await signer.sign(makeClaims()))).rejects.toMatchObject(UNAVAILABLE)
})

test('while the server hangs, tokens do not, before and after the keys have run out', async ({
  makeVerifier,
  keyServer,
  signer,
  clock,
  settled,
  makeClaims,
}) => {
  const verifier = makeVerifier({ timeoutSeconds: 1000 })
  await verifier.ready()
  keyServer.answer((_, response) => response.writeHead(500).end())
  clock.advance(299)
  await verifier(await signer.sign(makeClaims()))
  await settled()
  // What comes now gets no answer at all.
  keyServer.hold()
  for (const seconds of [1, 1, 100, 100]) {
    clock.advance(seconds)
    await verifier(await signer.sign(makeClaims()))
  }
  expect(keyServer.requests.length).toBeGreaterThan(2)
})

test('that it could not be reached once is no reason to go on for ever without asking first', async ({
  verifier,
  keyServer,
  signer,
  clock,
  makeClaims,
}) => {
  await verifier.ready()
  keyServer.answer((_, response) => response.writeHead(500).end())
  clock.advance(31)
  const other = await createSigner()
  await expect(verifier(await other.sign(makeClaims()))).rejects.toMatchObject(UNKNOWN)
  expect(keyServer.requests).toHaveLength(2)
  keyServer.answer(publishing([other]))
  clock.advance(3600)
  await expect(verifier(await signer.sign(makeClaims()))).rejects.toMatchObject(UNKNOWN)
})

test('a fetch that knows no signal, and never ends, is given up', async ({ makeVerifier, token }) => {
  const verifier = makeVerifier({ timeoutSeconds: 0.02, fetch: () => new Promise(() => {}) })
  await expect(verifier(token)).rejects.toMatchObject(UNAVAILABLE)
})

test('a fetch that was dropped by the platform, its timer too, holds nobody for ever, and comes too late', async ({
  makeVerifier,
  signer,
  clock,
  makeClaims,
}) => {
  const old = await createSigner()
  const answers: ((answer: Response) => void)[] = []
  const verifier = makeVerifier({
    timeoutSeconds: 1000,
    fetch: () => new Promise((resolve) => answers.push(resolve)),
  })
  const first = verifier.ready()
  clock.advance(2000)
  const second = verifier(await signer.sign(makeClaims()))
  await expect.poll(() => answers.length).toBe(2)
  answers[1]?.(Response.json({ keys: [signer.jwk] }))
  await second
  answers[0]?.(Response.json({ keys: [old.jwk] }))
  await first
  await verifier(await signer.sign(makeClaims()))
  await expect(verifier(await old.sign(makeClaims()))).rejects.toMatchObject(UNKNOWN)
})

test('without any key it says when to come again, and does not ask each time', async ({
  verifier,
  keyServer,
  signer,
  clock,
  makeClaims,
}) => {
  keyServer.answer((_, response) => response.writeHead(503).end())
  const token = await signer.sign(makeClaims({ exp: makeClaims().exp + 3600 }))
  for (const [asked, retryAfter] of [
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 16],
    [6, 30],
    [7, 30],
  ]) {
    for (let i = 0; i < 10; i++) await expect(verifier(token)).rejects.toMatchObject({ ...UNAVAILABLE, retryAfter })
    expect(keyServer.requests).toHaveLength(asked ?? 0)
    clock.advance(retryAfter ?? 0)
  }
  await expect(verifier.ready()).rejects.toMatchObject(UNAVAILABLE)
  keyServer.answer(publishing([signer]))
  clock.advance(30)
  await verifier(token)
})

test('of a key that is new while the server cannot be asked, it says that it cannot tell', async ({
  verifier,
  keyServer,
  signer,
  clock,
  makeClaims,
}) => {
  const next = await createSigner()
  await verifier.ready()
  await keyServer.stop()
  clock.advance(31)
  // What it has is still current by the server's own word, so there is no such key.
  await expect(verifier(await next.sign(makeClaims()))).rejects.toMatchObject(UNKNOWN)
  clock.advance(300)
  await expect(verifier(await next.sign(makeClaims()))).rejects.toMatchObject(UNAVAILABLE)
  await verifier(await signer.sign(makeClaims()))
})

test('a clock that is set back asks anew, and does not wait for the time to come again', async ({
  verifier,
  keyServer,
  signer,
  clock,
  makeClaims,
}) => {
  await verifier.ready()
  clock.advance(-86_400)
  await verifier(await signer.sign(makeClaims()))
  expect(keyServer.requests).toHaveLength(2)
})
