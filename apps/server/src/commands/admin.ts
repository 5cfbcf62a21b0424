import type { Command } from 'commander'
import type { AccountView } from '@latchkey/core'
import { accountIfAny, printAccount } from './accounts.ts'
import { askNewPassword, askText, confirm, PASSWORD_STDIN, type PasswordOption, YES, type YesOption } from './ask.ts'
import { command, group, type JsonOption } from './define.ts'
import { answer, note } from './output.ts'
import { coreForPassword } from './password-rules.ts'
import { type Opened, withCore } from './with-core.ts'

/** `latchkey admin …`. */
export function registerAdmin(program: Command): void {
  const admin = group(program, 'admin', 'make admins')
  command(admin, 'create', {
    summary: 'make an admin',
    details:
      'Makes a new account, or an admin of an account that is there: it keeps its password, and its sessions end.',
    examples: [
      'latchkey admin create',
      'latchkey admin create --email admin@example.com --password-stdin < password.txt',
    ],
  })
    .option('--email <EMAIL>', 'its e-mail address')
    .option(...PASSWORD_STDIN)
    .option(...YES)
    .action((options: CreateOptions) => withCore((opened) => createAdmin(opened, options)))
}

interface CreateOptions extends JsonOption, YesOption, PasswordOption {
  email?: string
}

async function createAdmin(opened: Opened, options: CreateOptions): Promise<void> {
  const { domain } = opened
  const email = options.email ?? (await askText('E-mail address of the admin', 'Say whose: --email admin@example.com'))
  const existing = await accountIfAny(opened, email)
  const admin =
    existing === undefined
      ? await domain.createAccount(
          coreForPassword(opened, 'admin'),
          { email, password: await askNewPassword(options), role: 'admin' },
          domain.COMMAND,
        )
      : await promote(opened, existing, options)
  const { user } = await import('@latchkey/api/wire')
  answer(options, user(admin), () => printAccount(admin))
}

async function promote({ core, domain }: Opened, account: AccountView, options: CreateOptions): Promise<AccountView> {
  if (!account.active) note(`${account.email} is disabled: latchkey user enable ${account.email} lets it log in.`)
  if (account.role === 'admin') {
    note(`${account.email} is an admin already.`)
    return account
  }
  await confirm(
    `${account.email} is a user already. Make it an admin? It keeps its password, and its sessions end.`,
    options,
  )
  return await domain.editAccount(core, account.id, { role: 'admin' }, domain.COMMAND)
}
