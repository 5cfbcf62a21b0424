import type { Runner } from '../database/database.ts'
import { executedMigrations, MIGRATION_NAMES } from '../database/migrate.ts'
import { statement } from '../database/statement.ts'
import type { BackupHeader } from './format.ts'
import { UnfitBackupError } from './unfit.ts'

const ANY_ACCOUNT = statement<{ found: boolean }>('restore.any-account', 'select exists (select from account) as found')

/** What a backup is to be restored into. */
export interface Target {
  /** Whether no migration ever ran there: it has to get the schema first. */
  bare: boolean
}

/**
 * Whether a backup can be restored there. Changes nothing.
 *
 * @param replace whether the accounts that are there may go
 * @throws UnfitBackupError when what is there does not go with the backup, or with this version
 */
export async function checkTarget(runner: Runner, header: BackupHeader, replace: boolean): Promise<Target> {
  const executed = await executedMigrations(runner)
  const bare = executed.length === 0
  checkSchema(header, bare ? MIGRATION_NAMES : executed)
  if (!bare && !replace && (await runner.one(ANY_ACCOUNT, []))?.found) {
    throw new UnfitBackupError(
      'not_empty',
      'This database holds accounts already. They would be replaced by those of the backup, with all else that is in it.',
    )
  }
  return { bare }
}

/** @param there the migrations that the database has, or is about to get */
function checkSchema({ migrations, latchkey }: BackupHeader, there: string[]): void {
  const [behind, ahead] = [missingFrom(there, migrations), missingFrom(migrations, there)]
  const pending = missingFrom([...there, ...migrations], MIGRATION_NAMES)
  const sentences = [
    behind.length > 0
      ? `This database lacks ${behind.join(', ')}, which the backup has: run \`latchkey migrate up\` with Latchkey ${latchkey} or later.`
      : '',
    ahead.length > 0
      ? `The backup lacks ${ahead.join(', ')}, which this database has: restore it with Latchkey ${latchkey} into an empty database, and migrate that.`
      : '',
    pending.length > 0
      ? `Both lack ${pending.join(', ')}, which this version has: restore it with Latchkey ${latchkey}, and migrate then.`
      : '',
  ].filter(Boolean)
  if (sentences.length > 0) {
    throw new UnfitBackupError(
      'other_schema',
      `The backup has another schema than this database or this version. ${sentences.join(' ')}`,
    )
  }
}

const missingFrom = (there: string[], wanted: string[]): string[] => wanted.filter((name) => !there.includes(name))
