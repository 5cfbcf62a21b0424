import { createDatabase, startThrowAwayPostgres } from '@latchkey/embedded-postgres'
import { Client } from 'pg'
import { cpuOf, parentOf } from './cpu.ts'

/** Durable, as in production: a commit that is not written to disk costs nothing. */
const SETTINGS = {
  max_connections: '200',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '256MB',
}

/** What the whole PostgreSQL has done so far. */
export interface Reading {
  /** Milliseconds of processor time of all its processes. */
  cpuMs: number
  /** Bytes of its write-ahead log. */
  wal: number
  /** Statements that were carried out, without these readings. */
  statements: number
  inserted: number
  updated: number
  /** Of those that were updated: in their page, with no index touched. */
  hot: number
}

/** The one PostgreSQL that all systems use. */
export interface Database {
  readonly version: string
  /** Makes an empty database. @returns its URL */
  create(name: string): Promise<string>
  read(database: string): Promise<Reading>
  stop(): Promise<void>
}

/** The database of a system. */
export const databaseOf = (system: string): string => `bench_${system.replace('-', '_')}`

/** Starts it. */
export async function startDatabase(): Promise<Database> {
  const postgres = await startThrowAwayPostgres(SETTINGS)
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  await client.query('create extension if not exists pg_stat_statements')
  const { rows } = await client.query<{ pid: number; version: string }>(
    `select pg_backend_pid() as pid, current_setting('server_version') as version`,
  )
  const postmaster = parentOf(rows[0]?.pid ?? 0)
  const ofTables = async (name: string) => {
    const inside = new Client({ connectionString: postgres.urlOf(name) })
    await inside.connect()
    const found = await inside.query<Pick<Reading, 'inserted' | 'updated' | 'hot'>>(
      `select coalesce(sum(n_tup_ins), 0)::int as inserted, coalesce(sum(n_tup_upd), 0)::int as updated,
              coalesce(sum(n_tup_hot_upd), 0)::int as hot
         from pg_stat_user_tables where relname not in ('statistic', 'instance')`,
    )
    await inside.end()
    return found.rows[0] ?? { inserted: 0, updated: 0, hot: 0 }
  }
  return {
    version: rows[0]?.version ?? '',
    create: (name) => createDatabase(postgres, name),
    async read(name) {
      const tables = await ofTables(name)
      const all = await client.query<{ wal: string; statements: string }>(
        `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as wal,
                (select coalesce(sum(calls), 0)::text from pg_stat_statements as s join pg_database as d on d.oid = s.dbid
                  where d.datname = $1 and query not like '%pg_stat%') as statements`,
        [name],
      )
      const { wal, statements } = all.rows[0] ?? { wal: '0', statements: '0' }
      return { cpuMs: cpuOf(postmaster), wal: Number(wal), statements: Number(statements), ...tables }
    },
    async stop() {
      await client.end()
      await postgres.stop()
    },
  }
}
