import { setTimeout as delay } from 'node:timers/promises'
import { COMMAND, type Core, createAccount, listAuditEvents } from '@latchkey/core'
import { expect, PASSWORD, ROOT_SECRET, test as base } from '@latchkey/core/testing'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { type Instance, startInstance } from './testing/instance.ts'

const ISSUER = 'https://auth.example'
/** Rotations under load. */
const ROTATIONS = 3
/** Sessions that refresh all the time. */
const CLIENTS = 8

/** Two server processes whose keys follow each other as fast as they can. */
const test = base
  .extend('core', async ({ createInstance, migratedDatabase }): Promise<Core> => {
    const settings = { ACCESS_TOKEN_LIFETIME: 5, JWKS_MAX_AGE: 1, CLOCK_SKEW: 0 }
    return await createInstance({ databaseUrl: await migratedDatabase(), settings })
  })
  .extend('instances', async ({ core }, { onCleanup }): Promise<[Instance, Instance]> => {
    const environment = {
      DATABASE_URL: core.db.url,
      LATCHKEY_SECRET: ROOT_SECRET,
      PUBLIC_URL: ISSUER,
      LATCHKEY_ACCESS_TOKEN_LIFETIME: '5s',
      LATCHKEY_JWKS_MAX_AGE: '1s',
      LATCHKEY_CLOCK_SKEW: '0s',
    }
    const [first, second] = await Promise.all([startInstance(environment), startInstance(environment)])
    onCleanup(async () => {
      await Promise.all([first.kill(), second.kill()])
    })
    return [first, second]
  })
  .extend('logIn', ({ core }) => async (instance: Instance, role: 'admin' | 'user' = 'user') => {
    const email = `${crypto.randomUUID()}@example.com`
    await createAccount(core, { email, password: PASSWORD, role }, COMMAND)
    return (await instance.post('/api/login/', { email, password: PASSWORD })).body
  })

/** Checks tokens by a JWKS that it keeps exactly as long as it may: it asks for no key that it does not know. */
function literalVerifier({ url }: Instance) {
  let kept: { jwks: JSONWebKeySet; until: number } | undefined
  return async (token: string): Promise<void> => {
    if (kept === undefined || performance.now() >= kept.until) {
      const asked = performance.now()
      const answer = await fetch(`${url}/.well-known/jwks.json`)
      const maxAge = Number(/max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '')?.[1])
      kept = { jwks: (await answer.json()) as JSONWebKeySet, until: asked + maxAge * 1000 }
    }
    await jwtVerify(token, createLocalJWKSet(kept.jwks), { issuer: ISSUER, typ: 'at+jwt' })
  }
}

interface Issued {
  kid: string | undefined
  askedAt: number
}

test('under load no good token is refused, and after a switch the old key signs nothing', { timeout: 90_000 }, async ({
  core,
  instances,
  logIn,
}) => {
  const verifiers = instances.map(literalVerifier)
  const issued: Issued[] = []
  const refused: string[] = []
  const late: Promise<void>[] = []
  const verify = async (token: string, when: string) => {
    for (const check of verifiers) {
      await check(token).catch((error: unknown) => refused.push(`${when}: ${String(error)}`))
    }
  }
  const stop = new AbortController()
  const live = async (place: number) => {
    const [here, there] = place % 2 === 0 ? instances : ([instances[1], instances[0]] as const)
    let { refresh_token: token } = await logIn(here)
    for (let turn = 0; !stop.signal.aborted; turn++) {
      const askedAt = Date.now()
      const { status, body } = await (turn % 2 === 0 ? here : there).post('/api/refresh/', {
        refresh_token: String(token),
      })
      expect(status).toBe(200)
      token = body.refresh_token
      const access = String(body.access_token)
      issued.push({ kid: decodeProtectedHeader(access).kid, askedAt })
      await verify(access, 'at once')
      // Just before its end, too: `exp` is cut to the second.
      late.push(delay(3700).then(() => verify(access, 'near its end')))
      await delay(100)
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, place) => live(place))

  const switches: { from: string; to: string; at: string }[] = []
  for (let round = 0; round < ROTATIONS; round++) {
    const { access_token: access } = await logIn(instances[0], 'admin')
    const answers = await Promise.all(
      instances.map(async ({ url }) => {
        const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' }
        const answer = await fetch(`${url}/api/admin/keys/rotate/`, { method: 'POST', headers, body: '{}' })
        return (await answer.json()) as { from: string; to: string; at: string; decided_before: boolean }
      }),
    )
    // Two at once make one.
    expect(new Set(answers.map(({ to }) => to)).size).toBe(1)
    expect(answers.map((answer) => answer.decided_before).toSorted((a, b) => Number(a) - Number(b))).toEqual([
      false,
      true,
    ])
    const [decided] = answers
    if (decided === undefined) throw new Error('no answer')
    switches.push(decided)
    await delay(Date.parse(decided.at) - Date.now() + 1500)
  }
  stop.abort()
  await Promise.all(clients)
  await Promise.all(late)

  expect(refused).toEqual([])
  for (const { from, at } of switches) {
    expect(issued.filter(({ kid, askedAt }) => kid === from && askedAt >= Date.parse(at))).toEqual([])
  }
  expect(new Set(issued.map(({ kid }) => kid)).size).toBe(ROTATIONS + 1)
  expect((await listAuditEvents(core, { name: 'signing_key.rotated' })).items).toHaveLength(ROTATIONS)
  process.stdout.write(
    `${issued.length} tokens, each checked twice by two verifiers; ${ROTATIONS} rotations; 0 refused\n`,
  )
})

test('a compromised key is refused everywhere within a second', async ({ instances, logIn }) => {
  const { access_token: access } = await logIn(instances[0], 'admin')
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' }
  const kid = decodeProtectedHeader(String(access)).kid
  const firstRefusal = async ({ url }: Instance) => {
    for (;;) {
      if ((await fetch(`${url}/api/me/`, { headers })).status === 401) return performance.now()
      await delay(1)
    }
  }
  await Promise.all(
    instances.map(async ({ url }) => expect((await fetch(`${url}/api/me/`, { headers })).status).toBe(200)),
  )
  const asked = performance.now()
  const refusals = instances.map(firstRefusal)
  const stopped = await fetch(`${instances[0].url}/api/admin/keys/${kid}/compromise/`, {
    method: 'POST',
    headers,
    body: '{"reason":"drill"}',
  })
  expect(stopped.status).toBe(200)
  const after = (await Promise.all(refusals)).map((time) => Math.round(time - asked))
  process.stdout.write(`a compromised key was refused ${after.join(' and ')} ms after it was asked for\n`)
  for (const milliseconds of after) expect(milliseconds).toBeLessThan(1000)
})
