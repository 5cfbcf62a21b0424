import { expect, test } from '../testing/test.ts'
import { makeMember } from '../testing/operators.ts'
import { deleteAccount } from './delete.ts'
import { disableAccount } from './disable.ts'
import { setPassword } from './set-password.ts'
import { showAccount } from './show.ts'

test('an admin needs the password for the own account, and not for others', async ({ core }) => {
  const [admin, other, user] = [
    await makeMember(core, 'admin'),
    await makeMember(core, 'admin'),
    await makeMember(core),
  ]
  const OWN = { code: 'invalid_input', fields: [{ path: ['id'], code: 'own_account' }] }
  await expect(setPassword(core, admin.account.id, 'another horse 43', admin.actor)).rejects.toMatchObject(OWN)
  await expect(deleteAccount(core, admin.account.id, admin.actor)).rejects.toMatchObject(OWN)
  await setPassword(core, other.account.id, 'another horse 43', admin.actor)
  await deleteAccount(core, user.account.id, admin.actor)
  await expect(showAccount(core, user.account.id)).rejects.toMatchObject({ code: 'not_found' })
  await disableAccount(core, admin.account.id, admin.actor)
})
