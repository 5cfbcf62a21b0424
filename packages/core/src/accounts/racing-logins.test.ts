import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { login } from '../sessions/login.ts'
import { type Member, makeMember, REQUEST, test } from '../testing/operators.ts'
import { expect } from '../testing/test.ts'
import { changePassword } from './change-password.ts'
import { deleteAccount } from './delete.ts'
import { disableAccount } from './disable.ts'
import { editAccount } from './edit.ts'

interface Live {
  id: string
  /** Seconds from the login to its absolute end. */
  lifetime: number
}

const LIVE = statement<Live>(
  'test.live-with-lifetime',
  `select id, extract(epoch from ends_by - created_at)::int as lifetime from session
    where account_id = $1 and ended_at is null`,
)

/** A change of an account, and which sessions may live after it if logins raced it. */
interface Change {
  change: (core: Core, member: Member) => Promise<unknown>
  mayLive: (core: Core, session: Live, member: Member) => boolean
}

const CHANGES: Record<string, Change> = {
  disabled: {
    change: (core, { account }) => disableAccount(core, account.id, COMMAND),
    mayLive: () => false,
  },
  deleted: {
    change: (core, { account }) => deleteAccount(core, account.id, COMMAND),
    mayLive: () => false,
  },
  'given another password': {
    change: (core, { account, claims }) =>
      changePassword(core, claims, { oldPassword: account.password, newPassword: 'another horse 43' }, REQUEST),
    mayLive: (_, { id }, { claims }) => id === claims.sessionId,
  },
  'made an admin': {
    change: (core, { account }) => editAccount(core, account.id, { role: 'admin' }, COMMAND),
    // The password is still right: who came after the change is in, as an admin.
    mayLive: ({ settings }, { lifetime }) => lifetime === settings.current().ADMIN_SESSION_MAX_LIFETIME,
  },
}

test.for(Object.entries(CHANGES))(
  'no login to an account as it was lives on when it is %s',
  async ([, { change, mayLive }], { core, createInstance }) => {
    const other = await createInstance()
    for (let round = 0; round < 8; round++) {
      const member = await makeMember(core)
      const logins = Array.from({ length: 4 }, (_, i) => login(i % 2 ? core : other, member.account))
      await Promise.all([change(core, member), Promise.allSettled(logins)])
      const live = await core.db.many(LIVE, [member.account.id])
      expect(live.filter((session) => !mayLive(core, session, member))).toEqual([])
    }
  },
)
