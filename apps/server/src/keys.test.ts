import { type Core, COMMAND, editAccount, login } from '@latchkey/core'
import { decodeProtectedHeader } from 'jose'
import { expect, type Send, test as base } from './testing/served.ts'

interface Key {
  id: string
  phase: string
}

/** On a database of its own: keys of the others would be rotated away under their tests. */
const test = base
  .extend('core', ({ createSigner }): Promise<Core> => createSigner('EdDSA'))
  .extend('admin', async ({ core, makeAccount }) => {
    const account = await makeAccount()
    await editAccount(core, account.id, { role: 'admin' }, COMMAND)
    return { headers: { authorization: `Bearer ${(await login(core, account)).accessToken}` } }
  })

const keysOf = async (send: Send, sent: object) => (await send('GET', '/api/admin/keys/', sent)).json().items as Key[]

test('an admin rehearses a rotation, rotates, and sees the phases', async ({ send, admin, core, clock }) => {
  const before = await keysOf(send, admin)
  expect(before.map(({ phase }) => phase).toSorted()).toEqual(['active', 'next'])
  const rehearsed = await send('POST', '/api/admin/keys/rotate/', { ...admin, body: { rehearse: true } })
  expect(rehearsed.json()).toMatchObject({ rehearsed: true, decided_before: false })
  expect(await keysOf(send, admin)).toEqual(before)
  const rotated = await send('POST', '/api/admin/keys/rotate/', { ...admin, body: { reason: 'drill' } })
  const { from, to, at } = rehearsed.json()
  expect(rotated.json()).toMatchObject({ from, to, at, rehearsed: false, decided_before: false })
  const phaseOf = async (id: unknown) => (await keysOf(send, admin)).find((key) => key.id === id)?.phase
  expect([await phaseOf(from), await phaseOf(to)]).toEqual(['active', 'next'])
  expect(core.ring.active(new Date(String(at))).id).toBe(to)
  expect(core.ring.active(clock.now()).id).toBe(from)
})

test('an admin stops a compromised key by which the own token was signed', async ({ send, admin }) => {
  const id = decodeProtectedHeader(admin.headers.authorization.slice('Bearer '.length)).kid
  const stopped = await send('POST', `/api/admin/keys/${id}/compromise/`, { ...admin, body: { reason: 'leaked' } })
  expect(stopped.json()).toMatchObject({ id, phase: 'active', sessions: 1 })
  expect((await send('GET', '/api/admin/keys/', admin)).json()).toMatchObject({ status: 401, code: 'invalid_token' })
})

test('a key that is not there, and input that is none, are refused', async ({ send, admin }) => {
  expect((await send('POST', '/api/admin/keys/nobody/compromise/', { ...admin, body: {} })).status).toBe(404)
  const wrong = await send('POST', '/api/admin/keys/rotate/', { ...admin, body: { rehearse: 'yes' } })
  expect(wrong.json()).toMatchObject({ status: 400, code: 'invalid_input', errors: [{ path: ['rehearse'] }] })
})
