import { COMMAND, createCore, prepare, saveSettings } from '@latchkey/core'
import { ROOT_SECRET } from '@latchkey/core/testing'
import { expect, sendTo, test } from '../testing/served.ts'

test('nothing is served by default settings before the saved ones are loaded', async ({ core, serve, databaseUrl }) => {
  const { revision } = await saveSettings(
    core,
    { changes: { REGISTRATION_OPEN: false }, base: core.settings.revision() },
    COMMAND,
  )
  const starting = await createCore({ databaseUrl, rootSecret: ROOT_SECRET, issuer: core.issuer })
  try {
    const send = sendTo(await serve({ core: starting }))
    const body = { email: `${crypto.randomUUID()}@example.com`, password: 'password' }
    expect((await send('POST', '/api/register/', { body })).json().code).toBe('unavailable')
    await prepare(starting, { migrating: false })
    expect((await send('POST', '/api/register/', { body })).json().code).toBe('registration_closed')
  } finally {
    await saveSettings(core, { changes: { REGISTRATION_OPEN: null }, base: revision }, COMMAND)
    await starting.close()
  }
})
