import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

/** What PostgreSQL says of itself: true of any database, whatever its schema. */
export interface ServerFacts {
  /** As PostgreSQL writes it. */
  version: string
  /** Whether this Latchkey can use it. */
  versionFits: boolean
  synchronousCommit: string
  /** Whether it takes changes. */
  writable: boolean
  /** Connections in use, and how many there may be. */
  connections: number
  connectionsMax: number
  /** Seconds since the oldest transaction, or prepared one, began that keeps old versions of rows from being removed; 0 without one. */
  oldestTransactionSeconds: number
  /** Where its data are; null where this role may not know. */
  dataFolder: string | null
  /** Seconds that its clock is ahead of this machine's, and how many it may be more or less. */
  clockAheadSeconds: number
  clockUncertaintySeconds: number
}

/** What there is in a database whose schema is that of this version. */
export interface ContentFacts {
  admins: number
  /** Audit events that no month takes; counted up to {@link EVENTS_COUNTED_MAX}. */
  eventsWithoutMonth: number
  /** The newest revision of the settings; 0 before the first. */
  revision: number
  /** Bytes that the table of sessions and its indexes take, and rows that it has, by its statistics. */
  sessionBytes: number
  sessions: number
}

/** More events than this are "at least as many". */
export const EVENTS_COUNTED_MAX = 10_000

const VERSION_MIN = 150_000

const SERVER = statement<
  Omit<ServerFacts, 'versionFits' | 'clockAheadSeconds' | 'clockUncertaintySeconds'> & { number: number; now: Date }
>(
  'diagnosis.server',
  `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
          current_setting('synchronous_commit') as "synchronousCommit",
          not current_setting('transaction_read_only')::boolean as writable,
          (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
          current_setting('max_connections')::int as "connectionsMax",
          (select coalesce(extract(epoch from clock_timestamp() - min(began)), 0)::float8
             from (select xact_start as began from pg_stat_activity
                    where (backend_xid is not null or backend_xmin is not null) and pid <> pg_backend_pid()
                      and backend_type = 'client backend'
                   union all select prepared from pg_prepared_xacts) as open) as "oldestTransactionSeconds",
          case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') end as "dataFolder",
          clock_timestamp() as now`,
)

const CONTENT = statement<ContentFacts>(
  'diagnosis.content',
  `select (select count(*) from account where role = 'admin' and active) as admins,
          (select count(*) from (select from audit_event_other limit ${EVENTS_COUNTED_MAX}) as found) as "eventsWithoutMonth",
          (select coalesce(max(number), 0) from settings_revision) as revision,
          pg_total_relation_size('session') as "sessionBytes",
          (select n_live_tup from pg_stat_user_tables where relid = 'session'::regclass) as sessions`,
)

const EXECUTED = statement<{ name: string }>('diagnosis.migrations', 'select name::text from migration order by name')

/** Looks at the server of the database. @throws LatchkeyError `unavailable` */
export async function serverFacts({ db, clock }: Core): Promise<ServerFacts> {
  // Once before: the first statement of a connection takes longer, and that is no fault of the clock.
  await db.one(SERVER, [])
  const before = clock.now().getTime()
  const facts = await db.one(SERVER, [])
  const after = clock.now().getTime()
  if (facts === undefined) throw new LatchkeyError('unavailable')
  const { number, now, ...rest } = facts
  return {
    ...rest,
    versionFits: number >= VERSION_MIN,
    clockAheadSeconds: (now.getTime() - (before + after) / 2) / 1000,
    clockUncertaintySeconds: (after - before) / 2000,
  }
}

/** Looks at what is in the database. @throws LatchkeyError `unavailable`, also where migrations are pending */
export async function contentFacts({ db }: Core): Promise<ContentFacts> {
  const facts = await db.one(CONTENT, [])
  if (facts === undefined) throw new LatchkeyError('unavailable')
  return facts
}

/** The migrations that the database has: also those of a later version. @throws LatchkeyError `unavailable` */
export async function executedMigrations({ db }: Core): Promise<string[]> {
  return (await db.many(EXECUTED, [])).map(({ name }) => name)
}
