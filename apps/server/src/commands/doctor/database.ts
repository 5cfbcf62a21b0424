import type { ServerFacts } from '@latchkey/core'
import type { Opened } from '../with-core.ts'
import { checkOf, type Finding } from './finding.ts'

const CLOCK_WARNING_SECONDS = 1
const CLOCK_FAILURE_SECONDS = 5
/** Seconds; no transaction of ours lasts a tenth of that. */
const TRANSACTION_OLD_SECONDS = 300
/** The share of connections in use from which on the next instance may get none. */
const CONNECTIONS_BUSY = 0.85

/** What the server of the database is like. */
export function serverFindings(facts: ServerFacts, shown: string): Finding[] {
  return [database(facts, shown), commits(facts), clock(facts), connections(facts), transactions(facts)]
}

function database({ version, versionFits, writable }: ServerFacts, shown: string): Finding {
  const { ok, failure } = checkOf('database')
  if (!versionFits) return failure(`PostgreSQL ${version} is too old.`, 'Upgrade it to 15 or later.')
  if (!writable) {
    return failure(
      `The ${shown} is read-only.`,
      'Let DATABASE_URL name the primary, and see that nothing sets default_transaction_read_only.',
    )
  }
  return ok(`The ${shown} answers: PostgreSQL ${version}.`)
}

/** After a crash, `off` ended 69 of 792 honest sessions as replays. A server refuses to start with it. */
function commits({ synchronousCommit }: ServerFacts): Finding {
  const { ok, failure } = checkOf('synchronous_commit')
  if (synchronousCommit !== 'off') return ok(`It is ${synchronousCommit}: what was answered survives a crash.`)
  return failure(
    'It is off: after a crash of the database honest clients would be logged out, so no server starts.',
    'Run: alter database … set synchronous_commit = on',
  )
}

function clock({ clockAheadSeconds, clockUncertaintySeconds }: ServerFacts): Finding {
  const { ok, warning, failure } = checkOf('clock')
  // As much as is certain.
  const apart = Math.max(0, Math.abs(clockAheadSeconds) - clockUncertaintySeconds)
  const says = `The clock of the database is ${apart.toFixed(1)} s ${clockAheadSeconds > 0 ? 'ahead of' : 'behind'} this machine's.`
  const remedy = 'Let both be set by NTP: other services would take tokens for expired, or for not yet valid.'
  if (apart > CLOCK_FAILURE_SECONDS) return failure(says, remedy)
  if (apart > CLOCK_WARNING_SECONDS) return warning(says, remedy)
  return ok('The clock of the database agrees with that of this machine.')
}

function connections({ connections: used, connectionsMax }: ServerFacts): Finding {
  const { ok, warning } = checkOf('connections')
  const says = `${used} of ${connectionsMax} connections are in use.`
  if (used < connectionsMax * CONNECTIONS_BUSY) return ok(says)
  return warning(says, 'Raise max_connections, or lower LATCHKEY_DATABASE_POOL of the instances.')
}

/** A transaction that stays open keeps every version of a row that was changed since: the table of sessions grows with each refresh. */
function transactions({ oldestTransactionSeconds: seconds }: ServerFacts): Finding {
  const { ok, warning } = checkOf('transactions')
  if (seconds < TRANSACTION_OLD_SECONDS) return ok('None has been open for long.')
  return warning(
    `One has been open for ${Math.round(seconds / 60)} minutes: until it ends, tables grow with every refresh.`,
    'End it: select pid, usename, state, query from pg_stat_activity order by xact_start; then pg_terminate_backend(pid), or rollback prepared.',
  )
}

/** Whether the schema is that of this version. */
export async function schemaFinding({ core, domain, environment }: Opened): Promise<Finding> {
  const { ok, note, warning, failure } = checkOf('migrations')
  const states = await domain.migrationStates(core.db)
  const pending = states.filter((state) => state.pending).map(({ name }) => name)
  const known = new Set(states.map(({ name }) => name))
  if (pending.length > 0) {
    const says = `Pending: ${pending.join(', ')}.`
    return environment.migrate
      ? note(says, 'The next start applies them; before: latchkey migrate up')
      : failure(says, 'Run: latchkey migrate up')
  }
  const later = (await domain.executedMigrations(core)).filter((name) => !known.has(name))
  if (later.length > 0) {
    return warning(`The database has ${later.join(', ')}, of a later version.`, 'Update Latchkey here, too.')
  }
  return ok('The schema is that of this version.')
}
