import { type Command, Option } from 'commander'
import type { AccountView } from '@latchkey/core'
import { findAccount, printAccount, stateOf, USER } from './accounts.ts'
import { askNewPassword, confirm, PASSWORD_STDIN, type PasswordOption, YES, type YesOption } from './ask.ts'
import { command, group, type JsonOption } from './define.ts'
import { answer, note, printTable, when } from './output.ts'
import { noteNext, noteNone, type PageOptions, pageOf, withPages } from './pages.ts'
import { instant } from './parse.ts'
import { coreForPassword } from './password-rules.ts'
import { type Opened, withCore } from './with-core.ts'

/** `latchkey user …`. */
export function registerUser(program: Command): void {
  const user = group(program, 'user', 'look at accounts and change them')

  withPages(
    command(user, 'list', {
      summary: 'list accounts, the newest first',
      examples: [
        'latchkey user list',
        'latchkey user list --search @example.com --state disabled',
        'latchkey user list --role admin --json',
      ],
    }),
  )
    .option('--search <TEXT>', 'an id, the beginning of an e-mail address or username, or @domain')
    .addOption(new Option('--role <ROLE>', 'only those with this role').choices(['user', 'admin']))
    .addOption(new Option('--state <STATE>', 'only those in this state').choices(['active', 'disabled']))
    .option('--created-from <TIME>', 'only those made since then: a time, or 2d for two days ago')
    .option('--created-to <TIME>', 'only those made before then')
    .addOption(new Option('--sort <ORDER>', 'what comes first').choices(['created', 'email']).default('created'))
    .action((options: ListOptions) => withCore((opened) => list(opened, options)))

  command(user, 'show', {
    summary: 'show an account',
    examples: ['latchkey user show user@example.com', 'latchkey user show 7 --json'],
  })
    .argument(...USER)
    .action((name: string, options: JsonOption) =>
      withCore(async (opened) => show(await findAccount(opened, name), options)),
    )

  command(user, 'create', {
    summary: 'make an account',
    details: 'Also while REGISTRATION_OPEN is off. The password is asked for, or read from stdin.',
    examples: [
      'latchkey user create user@example.com',
      'latchkey user create user@example.com --password-stdin < password.txt',
    ],
  })
    .argument('<EMAIL>', 'its e-mail address')
    .option('--username <USERNAME>', 'its username; none by default')
    .addOption(new Option('--role <ROLE>', 'its role').choices(['user', 'admin']).default('user'))
    .option(...PASSWORD_STDIN)
    .action((email: string, options: CreateOptions) => withCore((opened) => create(opened, email, options)))

  command(user, 'disable', {
    summary: 'disable an account and end its sessions',
    details: 'It can no longer log in. Access tokens that it has are of no use for changes, and expire.',
    examples: ['latchkey user disable user@example.com', 'latchkey user disable 7 --yes'],
  })
    .argument(...USER)
    .option(...YES)
    .action((name: string, options: ChangeOptions) =>
      withCore(async (opened) => {
        const account = await findAccount(opened, name)
        await confirm(`Disable ${account.email}? Its sessions end.`, options)
        await opened.domain.disableAccount(opened.core, account.id, opened.domain.COMMAND)
        await changed(opened, account, options, 'is disabled')
      }),
    )

  command(user, 'enable', {
    summary: 'let a disabled account log in again',
    examples: ['latchkey user enable user@example.com'],
  })
    .argument(...USER)
    .action((name: string, options: JsonOption) =>
      withCore(async (opened) => {
        const account = await findAccount(opened, name)
        await opened.domain.enableAccount(opened.core, account.id, opened.domain.COMMAND)
        await changed(opened, account, options, 'may log in')
      }),
    )

  command(user, 'set-password', {
    summary: 'give an account a new password and end its sessions',
    examples: [
      'latchkey user set-password user@example.com',
      'latchkey user set-password 7 --password-stdin < password.txt',
    ],
  })
    .argument(...USER)
    .option(...PASSWORD_STDIN)
    .action((name: string, options: JsonOption & PasswordOption) =>
      withCore(async (opened) => {
        const account = await findAccount(opened, name)
        const core = coreForPassword(opened, account.role)
        await opened.domain.setPassword(core, account.id, await askNewPassword(options), opened.domain.COMMAND)
        await changed(opened, account, options, 'has a new password; its sessions have ended')
      }),
    )

  command(user, 'sign-out', {
    summary: 'end all sessions of an account',
    examples: ['latchkey user sign-out user@example.com', 'latchkey user sign-out 7 --yes --json'],
  })
    .argument(...USER)
    .option(...YES)
    .action((name: string, options: ChangeOptions) =>
      withCore(async (opened) => {
        const account = await findAccount(opened, name)
        await confirm(`End all sessions of ${account.email}?`, options)
        const ended = await opened.domain.signOut(opened.core, account.id, opened.domain.COMMAND)
        answer(options, { ended }, () => note(`${account.email} is signed out: ${ended} sessions ended.`))
      }),
    )

  command(user, 'delete', {
    summary: 'delete an account with its sessions, for good',
    examples: ['latchkey user delete user@example.com', 'latchkey user delete 7 --yes'],
  })
    .argument(...USER)
    .option(...YES)
    .action((name: string, options: ChangeOptions) =>
      withCore(async (opened) => {
        const account = await findAccount(opened, name)
        await confirm(`Delete ${account.email} (id ${account.id}) for good?`, options)
        await opened.domain.deleteAccount(opened.core, account.id, opened.domain.COMMAND)
        answer(options, { id: account.id, deleted: true }, () => note(`${account.email} is deleted.`))
      }),
    )
}

interface ListOptions extends JsonOption, PageOptions {
  search?: string
  role?: 'user' | 'admin'
  state?: 'active' | 'disabled'
  createdFrom?: string
  createdTo?: string
  sort: 'created' | 'email'
}

interface CreateOptions extends JsonOption, PasswordOption {
  username?: string
  role: 'user' | 'admin'
}

interface ChangeOptions extends JsonOption, YesOption {}

async function list({ core, domain }: Opened, options: ListOptions): Promise<void> {
  const { search, role, state, createdFrom, createdTo, sort } = options
  const accounts = await domain.listAccounts(core, {
    ...pageOf(options),
    sort,
    ...(search !== undefined && { search }),
    ...(role !== undefined && { role }),
    ...(state !== undefined && { state }),
    ...(createdFrom !== undefined && { createdFrom: await instant('--created-from', createdFrom) }),
    ...(createdTo !== undefined && { createdTo: await instant('--created-to', createdTo) }),
  })
  const wire = await import('@latchkey/api/wire')
  answer(options, wire.page(accounts, wire.user), () => {
    if (noteNone(accounts.items, 'users')) return
    printTable<AccountView>(
      [
        { head: 'ID', cell: ({ id }) => String(id), align: 'right' },
        { head: 'E-MAIL', cell: ({ email }) => email, shrinks: true },
        { head: 'ROLE', cell: ({ role: own }) => own },
        { head: 'STATE', cell: stateOf },
        { head: 'LAST SEEN', cell: ({ lastSeenAt }) => (lastSeenAt === null ? 'never' : when(lastSeenAt)) },
        { head: 'SESSIONS', cell: ({ liveSessions }) => String(liveSessions), align: 'right' },
      ],
      accounts.items,
    )
    noteNext(accounts)
  })
}

async function create(opened: Opened, email: string, options: CreateOptions): Promise<void> {
  const { domain } = opened
  const { username, role } = options
  const core = coreForPassword(opened, role)
  const password = await askNewPassword(options)
  const account = await domain.createAccount(
    core,
    { email, password, role, ...(username !== undefined && { username }) },
    domain.COMMAND,
  )
  await show(account, options)
}

async function show(account: AccountView, options: JsonOption): Promise<void> {
  const { user } = await import('@latchkey/api/wire')
  answer(options, user(account), () => printAccount(account))
}

/** Tells what was done to an account; as JSON, how it is now. */
async function changed(opened: Opened, { id, email }: AccountView, options: JsonOption, done: string): Promise<void> {
  const { user } = await import('@latchkey/api/wire')
  answer(options, user(await findAccount(opened, String(id))), () => note(`${email} ${done}.`))
}
