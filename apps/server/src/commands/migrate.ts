import type { Command } from 'commander'
import type { MigrationState } from '@latchkey/core'
import { command, group, type JsonOption } from './define.ts'
import { answer, note, printTable } from './output.ts'
import { type Opened, withCore } from './with-core.ts'

/** `latchkey migrate …`. */
export function registerMigrate(program: Command): void {
  const migrate = group(program, 'migrate', "bring the database's schema up to this version")
  command(migrate, 'up', {
    summary: 'apply the migrations that are pending',
    details: 'Any number of servers and commands may do so at once: one does it, the others wait.',
    examples: ['latchkey migrate up', 'DATABASE_URL=postgres://latchkey@db/latchkey latchkey migrate up'],
  }).action((options: JsonOption) => withCore((opened) => up(opened, options), { schema: 'any' }))
  command(migrate, 'status', {
    summary: 'tell which migrations the database has',
    examples: ['latchkey migrate status', 'latchkey migrate status --json'],
  }).action((options: JsonOption) => withCore((opened) => status(opened, options), { schema: 'any' }))
}

async function up({ core, domain }: Opened, options: JsonOption): Promise<void> {
  const applied = await domain.pendingMigrations(core.db)
  await domain.migrate(core.db, core.log)
  answer(options, { applied }, () => {
    if (applied.length === 0) note('Nothing to do: the database is up to this version.')
    else note(`Applied: ${applied.join(', ')}`)
  })
}

async function status({ core, domain }: Opened, options: JsonOption): Promise<void> {
  const migrations = await domain.migrationStates(core.db)
  answer(options, { migrations, pending: migrations.filter(({ pending }) => pending).length }, () => {
    printTable<MigrationState>(
      [
        { head: 'MIGRATION', cell: ({ name }) => name },
        { head: 'STATE', cell: ({ pending }) => (pending ? 'pending' : 'applied') },
      ],
      migrations,
    )
    if (migrations.some(({ pending }) => pending)) note('To apply what is pending: latchkey migrate up')
  })
}
