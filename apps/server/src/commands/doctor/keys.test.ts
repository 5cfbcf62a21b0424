import * as domain from '@latchkey/core'
import { statement } from '@latchkey/core/testing'
import { expect, test } from '../../testing/command.ts'
import { readEnvironment } from '../../environment.ts'
import { keysFinding } from './keys.ts'

const NEW_SECRET = 'the next root secret, of 32 characters and more'
/** As if nobody had looked for a quarter of a year. */
const AGE = statement(
  'test.age-key',
  `update signing_key set created_at = created_at - interval '91 days', activated_at = activated_at - interval '91 days'`,
)

const opened = (core: domain.Core) => ({
  core,
  domain,
  environment: readEnvironment({}),
  database: 'a database',
  signal: new AbortController().signal,
})

test('keys that take turns are fine, one that should have handed over is told', async ({ openServer }) => {
  const core = await openServer()
  expect(await keysFinding(opened(core))).toMatchObject({ outcome: 'ok', says: expect.stringContaining('EdDSA signs') })
  await core.db.many(AGE, [])
  expect(await keysFinding(opened(core))).toMatchObject({ outcome: 'warning', remedy: expect.any(String) })
})

test('keys under the root secret before this one are told', async ({ openServer, createInstance, environment }) => {
  await openServer()
  const secrets = { rootSecret: NEW_SECRET, previousRootSecret: environment.LATCHKEY_SECRET }
  const core = await createInstance({ databaseUrl: environment.DATABASE_URL, ...secrets })
  expect(await keysFinding(opened(core))).toMatchObject({ outcome: 'note', remedy: 'Run: latchkey keys reseal' })
})
