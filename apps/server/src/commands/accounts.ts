import type { AccountView } from '@latchkey/core'
import { notFound } from './exit.ts'
import { printFields, when } from './output.ts'
import type { Opened } from './with-core.ts'

/** How an account is named in arguments. */
export const USER = ['<USER>', 'the id or the e-mail address of the account'] as const

/** What PostgreSQL's integer holds. */
const ID_MAX = 2_147_483_647

/**
 * The account that somebody means.
 *
 * @param user its id or its e-mail address
 * @throws CommandError not found
 */
export async function findAccount(
  { core, domain }: Pick<Opened, 'core' | 'domain'>,
  user: string,
): Promise<AccountView> {
  const found = await accountIfAny({ core, domain }, user)
  if (found === undefined) throw notFound(`There is no user ${user}.`)
  return found
}

/** The same, or undefined. */
export async function accountIfAny(
  { core, domain }: Pick<Opened, 'core' | 'domain'>,
  user: string,
): Promise<AccountView | undefined> {
  const id = /^\d+$/.test(user) ? Number(user) : undefined
  if (id !== undefined && id > ID_MAX) return undefined
  try {
    return await domain.showAccount(core, id ?? { email: user })
  } catch (error) {
    if (error instanceof domain.LatchkeyError && error.code === 'not_found') return undefined
    throw error
  }
}

/** Shows one account to people. */
export function printAccount(account: AccountView): void {
  printFields([
    ['Id', String(account.id)],
    ['E-mail', account.email],
    ['Username', account.username],
    ['Role', account.role],
    ['State', stateOf(account)],
    ['Registered', when(account.createdAt)],
    ['Last seen', account.lastSeenAt === null ? 'never' : when(account.lastSeenAt)],
    ['Live sessions', String(account.liveSessions)],
    ...(account.passwordChangeRequired ? [['Password', 'has to be changed first'] as [string, string]] : []),
  ])
}

/** In a word. */
export const stateOf = ({ active }: AccountView): string => (active ? 'active' : 'disabled')
