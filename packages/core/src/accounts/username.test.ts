import { COMMAND } from '../audit/origin.ts'
import { expect, PASSWORD, test } from '../testing/test.ts'
import { createAccount } from './create.ts'
import { editAccount } from './edit.ts'
import { checkUsername } from './username.ts'

test('a username has up to 150 characters of any script, whole ones', () => {
  for (const name of ['', 'John Smith', '🔑'.repeat(150)]) expect(() => checkUsername(name)).not.toThrow()
  for (const name of ['x'.repeat(151), 'a\0b', '\ud83d']) {
    expect(() => checkUsername(name)).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  }
})

test('neither a new account nor an old one gets another username than that', async ({ core, makeAccount }) => {
  const { id } = await makeAccount()
  const username = 'x'.repeat(5001)
  const refused = { code: 'invalid_input', fields: [{ path: ['username'], code: 'username_too_long' }] }
  const input = { email: 'long@example.com', password: PASSWORD, username }
  await expect(createAccount(core, input, COMMAND)).rejects.toMatchObject(refused)
  await expect(editAccount(core, id, { username }, COMMAND)).rejects.toMatchObject(refused)
})
