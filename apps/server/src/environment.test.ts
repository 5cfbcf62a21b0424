import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SETTING_NAMES } from '@latchkey/core'
import { expect, test } from 'vitest'
import { lockOf } from './environment/locked-settings.ts'
import { VARIABLE_NAMES } from './environment/variables.ts'
import { readEnvironment } from './environment.ts'

const SECRET = 'a root secret for tests, of 32 characters and more'
const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com', LATCHKEY_SECRET: SECRET }

/** The message of a start that is refused. */
function refusal(variables: NodeJS.ProcessEnv): string {
  try {
    readEnvironment(variables)
  } catch (error) {
    return String(error)
  }
  throw new Error('it was accepted')
}

test('an empty environment is the local set-up', () => {
  expect(readEnvironment({})).toMatchObject({
    production: false,
    host: '127.0.0.1',
    port: 8000,
    publicUrl: undefined,
    databaseUrl: undefined,
    migrate: true,
    rateLimits: true,
    logLevel: 'warn',
    settings: {},
    warnings: [],
  })
})

test('an empty string counts as not set', () => {
  expect(readEnvironment({ PORT: '', DATABASE_URL: ' ', LATCHKEY_REFRESH_GRACE: '' })).toEqual(readEnvironment({}))
})

test('one message names every fault: what is wrong, and what is allowed', () => {
  const message = refusal({
    PORT: 'eighty',
    NODE_ENV: 'prod',
    LATCHKEY_MIGRATE: 'maybe',
    LATCHKEY_CORS_ORIGINS: 'https://app.example.com/, *',
    LATCHKEY_ACCESS_TOKEN_LIFETIME: '1s',
    LATCHKEY_SECRET_FILE: '/nowhere/secret',
  })
  expect(message).toContain('6 faults')
  expect(message).toContain('PORT is "eighty". Allowed: a whole number from 0 to 65535.')
  expect(message).toContain('NODE_ENV is "prod". Allowed: production, development, test.')
  expect(message).toContain('LATCHKEY_MIGRATE is "maybe". Allowed: on, off.')
  expect(message).toContain('LATCHKEY_CORS_ORIGINS has "https://app.example.com/", which is no exact origin.')
  expect(message).toContain('LATCHKEY_ACCESS_TOKEN_LIFETIME is "1s". Allowed: from 2s to 1d')
  expect(message).toContain('LATCHKEY_SECRET_FILE names /nowhere/secret, which cannot be read (ENOENT).')
})

test('no message shows a secret', () => {
  const message = refusal({ DATABASE_URL: 'mysql://u:opensesame@host/db', LATCHKEY_SECRET: 'opensesame' })
  expect(message).toContain('DATABASE_URL is not a URL of PostgreSQL')
  expect(message).toContain('LATCHKEY_SECRET has 10 characters')
  expect(message).not.toContain('opensesame')
})

test('production needs a public URL and a secret, also where something else is wrong', () => {
  const message = refusal({ NODE_ENV: 'production', PORT: '-1' })
  expect(message).toContain('3 faults')
  expect(message).toContain('PUBLIC_URL is not set, and production needs it.')
  expect(message).toContain('LATCHKEY_SECRET is not set, and production needs it.')
})

test('production is strict by default', () => {
  expect(readEnvironment(PRODUCTION)).toMatchObject({ production: true, migrate: false, logLevel: 'info' })
})

test('a host at fault does not hide the other faults', () => {
  const message = refusal({ ...PRODUCTION, LATCHKEY_RATE_LIMITS: 'off', HOST: 'http://x' })
  expect(message).toContain('HOST is')
  expect(message).toContain('LATCHKEY_RATE_LIMITS is off')
})

test('production refuses to go without rate limits unless it listens on loopback only', () => {
  const open = { ...PRODUCTION, LATCHKEY_RATE_LIMITS: 'off' }
  expect(readEnvironment({ ...open, HOST: '127.0.0.1' }).rateLimits).toBe(false)
  expect(readEnvironment({ ...open, HOST: '::1' }).rateLimits).toBe(false)
  expect(refusal({ ...open, HOST: '0.0.0.0' })).toContain('LATCHKEY_RATE_LIMITS is off')
})

test('the secret before may be given beside the secret, and is another one', () => {
  const given = { LATCHKEY_SECRET: SECRET, LATCHKEY_SECRET_PREVIOUS: `${SECRET} of before` }
  expect(readEnvironment(given)).toMatchObject({ secret: SECRET, previousSecret: `${SECRET} of before` })
  expect(readEnvironment({ LATCHKEY_SECRET: SECRET }).previousSecret).toBeUndefined()
  const faultOf = (previous: string) => refusal({ LATCHKEY_SECRET: SECRET, LATCHKEY_SECRET_PREVIOUS: previous })
  expect(faultOf(SECRET)).toContain('LATCHKEY_SECRET_PREVIOUS is the same as LATCHKEY_SECRET.')
  expect(faultOf('opensesame')).toContain('LATCHKEY_SECRET_PREVIOUS has 10 characters.')
})

test('a secret may lie in a file', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'latchkey-')), 'secret')
  writeFileSync(path, `${SECRET}\n`)
  expect(readEnvironment({ LATCHKEY_SECRET_FILE: path }).secret).toBe(SECRET)
  expect(refusal({ LATCHKEY_SECRET_FILE: path, LATCHKEY_SECRET: SECRET })).toContain('are both set')
})

test('every setting can be locked, in the notation of its kind', () => {
  const { settings } = readEnvironment({
    LATCHKEY_ACCESS_TOKEN_LIFETIME: '15m',
    LATCHKEY_REFRESH_TOKEN_LIFETIME: '60d',
    LATCHKEY_REFRESH_GRACE: '5',
    LATCHKEY_SESSIONS_PER_ACCOUNT_MAX: '3',
    LATCHKEY_REGISTRATION_OPEN: 'off',
    LATCHKEY_PASSWORD_OWN_WORDS: 'latchkey, example',
  })
  expect(settings).toEqual({
    ACCESS_TOKEN_LIFETIME: 900,
    REFRESH_TOKEN_LIFETIME: 5_184_000,
    REFRESH_GRACE: 5,
    SESSIONS_PER_ACCOUNT_MAX: 3,
    REGISTRATION_OPEN: false,
    PASSWORD_OWN_WORDS: ['latchkey', 'example'],
  })
})

test.for(['0', '65', '2.5', 'many'])('the number of workers cannot be %s', (LATCHKEY_WORKERS) => {
  const message = refusal({ LATCHKEY_WORKERS, PORT: 'none' })
  expect(message).toContain('Allowed: a whole number from 1 to 64')
  expect(message).toContain('2 faults')
})

test('locked settings obey the rules between settings', () => {
  const message = refusal({ LATCHKEY_ACCESS_TOKEN_LIFETIME: '2h', LATCHKEY_REFRESH_TOKEN_LIFETIME: '1h' })
  expect(message).toContain('cannot be longer than')
})

test('a name that nobody reads is warned of, with the one that is probably meant', () => {
  const { warnings } = readEnvironment({
    LATCHKEY_SECRETS: SECRET,
    LATCHKEY_COLOUR: 'red',
    LATCHKEY_REFRESH_GRACE: '1',
  })
  expect(warnings).toEqual([
    'LATCHKEY_SECRETS is not a variable of Latchkey; is it meant to be LATCHKEY_SECRET?',
    'LATCHKEY_COLOUR is not a variable of Latchkey',
  ])
})

test('no setting has the name of a variable', () => {
  expect(SETTING_NAMES.map(lockOf).filter((name) => VARIABLE_NAMES.some((each) => each === name))).toEqual([])
})

test.for([
  ['PUBLIC_URL', 'https://auth.example.com/base/', 'https://auth.example.com/base'],
  ['PUBLIC_URL', 'http://localhost:8000', 'http://localhost:8000'],
])('%s %s is read as %s', ([name = '', text, value]) => {
  expect(readEnvironment({ [name]: text }).publicUrl).toBe(value)
})

test.for([
  ['PUBLIC_URL', 'ftp://example.com'],
  ['PUBLIC_URL', 'https://example.com/?a=1'],
  ['PUBLIC_URL', 'https://user@example.com'],
  ['HOST', 'http://localhost'],
  ['HOST', '127.0.0.1:80'],
  ['PORT', '65536'],
  ['PORT', '80.5'],
  ['DATABASE_URL', 'postgres://host'],
  ['DATABASE_URL', 'postgres://user:p@ss#word@host/db'],
  ['LATCHKEY_LOG_LEVEL', 'loud'],
  ['LATCHKEY_REFRESH_GRACE', '1y'],
  ['LATCHKEY_REGISTRATION_OPEN', 'perhaps'],
])('%s=%s is refused', ([name = '', text]) => {
  expect(refusal({ [name]: text })).toContain(name)
})

test('the first admin needs both its address and its password, and the password may lie in a file', () => {
  const email = { LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: 'mara@example.com' }
  expect(refusal(email)).toContain(
    'LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD is not set, and LATCHKEY_BOOTSTRAP_ADMIN_EMAIL is',
  )
  expect(refusal({ LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: 'opensesame' })).not.toContain('opensesame')
  const file = join(mkdtempSync(join(tmpdir(), 'latchkey-')), 'password')
  writeFileSync(file, 'copper lantern under the stairs\n')
  expect(readEnvironment({ ...email, LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD_FILE: file }).bootstrapAdmin).toEqual({
    email: 'mara@example.com',
    password: 'copper lantern under the stairs',
  })
})

test('trusted proxies are addresses and ranges', () => {
  const trusted = '10.0.0.0/8, 127.0.0.1, ::1, fd00::/8'
  expect(readEnvironment({ LATCHKEY_TRUSTED_PROXIES: trusted }).trustedProxies).toHaveLength(4)
  for (const item of ['*', '10.0.0.0/33', '10.0.0/8', 'localhost', '::1/129', '10.0.0.0/8/8', '10.0.0.0/']) {
    expect(refusal({ LATCHKEY_TRUSTED_PROXIES: item })).toContain(`LATCHKEY_TRUSTED_PROXIES has "${item}"`)
  }
})
