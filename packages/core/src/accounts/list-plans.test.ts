import { Client, escapeLiteral } from 'pg'
import type { Core } from '../core.ts'
import type { Parameter } from '../database/database.ts'
import { encodeCursor, PAGE_SIZE_MAX } from '../database/page.ts'
import { type Statement, UNPREPARED } from '../database/statement.ts'
import { listStatement as sessionList, type SessionFilter } from '../sessions/list.ts'
import { test as base } from '../testing/operators.ts'
import { expect } from '../testing/test.ts'
import { type AccountFilter, listStatement as accountList } from './list.ts'

/** Milliseconds that a page may take. */
const BUDGET = 50

const ACCOUNTS = 100_000

const CUSTOM = 'force_custom_plan'

/** A second apart. One in 1,000 is an admin, one in 100 disabled; three of four have one domain, the others 125. */
const FILL_ACCOUNTS = `
  insert into account (email, email_normal, username, password_hash, role, active, created_at)
  select address, address, 'Name ' || n % 5000, '', case when n % 1000 = 0 then 'admin' else 'user' end, n % 100 <> 1,
         $1::timestamptz - make_interval(secs => ${ACCOUNTS} - n)
    from generate_series(1, ${ACCOUNTS}) as n,
         lateral (select 'user' || n || '@' || case when n % 4 = 0 then 'd' || n % 500 else 'big' end || '.example'
                      as address) as named`

/** Two an account, and 5,000 of account 7. Of ten one lives, one was replayed, four ran out and four were logged out. */
const FILL_SESSIONS = `
  insert into session (id, account_id, key_id, created_at, ends_by, selector_mac, token_mac, rotated_at, expires_at,
                       ended_at, end_reason)
  select gen_random_uuid(), case when n % 40 = 7 then 7 else 1 + n % ${ACCOUNTS} end, 1, at, at + interval '1 year',
         sha256(n::text::bytea), '', at,
         case when n % 10 between 2 and 5 then at else $1::timestamptz + interval '1 day' end,
         case when n % 10 in (1, 6, 7, 8, 9) then at end,
         case when n % 10 = 1 then 'replayed' when n % 10 between 6 and 9 then 'logged_out' end
    from generate_series(1, 2 * ${ACCOUNTS}) as n,
         lateral (select $1::timestamptz - make_interval(secs => 2 * ${ACCOUNTS} - n) as at) as t`

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  Plans?: Plan[]
}

interface Explained {
  'Execution Time': number
  Plan: Plan
}

interface Filled {
  core: Core
  /** Ends all sessions, or brings all back to life but the three oldest. */
  setAll: (state: 'live' | 'ended') => Promise<void>
  /** Runs a list, planned for its values and, if it is prepared, for any; says which tables it read to the end, and how long the best of three took. */
  explain: (list: Statement<unknown>, values: Parameter[]) => Promise<{ scanned: string[]; ms: number }>
}

const test = base.extend(
  'filled',
  async ({ createInstance, migratedDatabase, clock }, { onCleanup }): Promise<Filled> => {
    const databaseUrl = await migratedDatabase()
    const core = await createInstance({ databaseUrl })
    // Without the time limits of requests.
    const client = new Client({ connectionString: databaseUrl })
    client.on('error', () => {}) // the database is dropped under it
    await client.connect()
    onCleanup(() => client.end())
    await client.query(FILL_ACCOUNTS, [clock.now()])
    await client.query(FILL_SESSIONS, [clock.now()])
    await client.query('analyze account, session')

    return {
      core,
      async setAll(state) {
        if (state === 'ended') await client.query('update session set ended_at = created_at where ended_at is null')
        else {
          await client.query(
            `update session set ended_at = null, end_reason = null, expires_at = ends_by
            where created_at > (select created_at from session order by created_at offset 2 limit 1)`,
          )
        }
        await client.query('vacuum analyze session')
      },
      async explain({ name, text }, values) {
        const literals = values.map((value) => (value === null ? 'null' : escapeLiteral(textOf(value))))
        const runs: { scanned: string[]; ms: number }[] = []
        await client.query(`prepare list as ${text}`)
        // PostgreSQL may plan what is prepared either way.
        for (const mode of name === UNPREPARED ? [CUSTOM] : [CUSTOM, 'force_generic_plan']) {
          await client.query(`set plan_cache_mode = ${mode}`)
          const times: number[] = []
          let scanned: string[] = []
          for (let run = 0; run < 3; run++) {
            const { rows } = await client.query(`explain (analyze, format json) execute list(${literals.join()})`)
            const [{ Plan, ...explained }] = (rows[0] as { 'QUERY PLAN': [Explained] })['QUERY PLAN']
            times.push(explained['Execution Time'])
            scanned = scannedIn(Plan)
          }
          runs.push({ scanned, ms: Math.min(...times) })
        }
        await client.query('deallocate list')
        return { scanned: runs.flatMap(({ scanned }) => scanned), ms: Math.max(...runs.map(({ ms }) => ms)) }
      },
    }
  },
)

function textOf(value: Exclude<Parameter, null>): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

/** The tables that a plan reads from end to end. */
function scannedIn(plan: Plan): string[] {
  const here = plan['Node Type'] === 'Seq Scan' ? [plan['Relation Name'] ?? '?'] : []
  return [...here, ...(plan.Plans ?? []).flatMap(scannedIn)]
}

test('every page of accounts and of sessions comes by an index, in time', async ({ filled, clock }) => {
  const { core, explain, setAll } = filled
  const at = (seconds: number) => new Date(clock.now().getTime() - seconds * 1000)
  const keyAt = (seconds: number) => at(seconds).toISOString().replace('Z', '000Z')
  const searches = 'user user7 user77777@big name nobody 77 @big.example @d4.example @no.example'.split(' ')
  const accountFilters: AccountFilter[] = [
    {},
    { role: 'user' },
    { role: 'admin' },
    { state: 'active' },
    { state: 'disabled' },
    { role: 'admin', state: 'disabled' },
    { createdFrom: at(50) },
    { createdTo: at(ACCOUNTS - 50) },
    { createdFrom: at(60_000), createdTo: at(50_000) },
    ...searches.map((search) => ({ search })),
    { search: 'name 4999' },
    { search: 'user', role: 'admin' },
    { search: '@big.example', state: 'disabled' },
  ]
  const accountCursor = encodeCursor([keyAt(ACCOUNTS / 2), ACCOUNTS / 2])
  const emailCursor = encodeCursor(['user50000@big.example'])
  const accounts = accountFilters.flatMap((filter): AccountFilter[] => [
    filter,
    { ...filter, cursor: accountCursor },
    { ...filter, sort: 'email' },
    { ...filter, sort: 'email', cursor: emailCursor },
  ])
  const sessionCursor = encodeCursor([keyAt(ACCOUNTS), '7f3c2f0e-9d1b-4c37-8a5e-2b6f0c9d4e11'])
  const sessions = ([undefined, 'live', 'ended', 'replayed'] as const).flatMap((state) =>
    [undefined, 7, 8].flatMap((accountId): SessionFilter[] => [
      { state, accountId },
      { state, accountId, cursor: sessionCursor },
    ]),
  )
  const lists = [
    ...accounts.map((filter) => ({ filter, ...accountList(core, filter, PAGE_SIZE_MAX) })),
    ...sessions.map((filter) => ({ filter, ...sessionList(core, filter, PAGE_SIZE_MAX) })),
  ]
  expect(lists).toHaveLength(84 + 24)
  for (const { filter, list, values } of lists) {
    const { scanned, ms } = await explain(list, values)
    expect({ filter, scanned, inTime: ms < BUDGET || ms }).toEqual({ filter, scanned: [], inTime: true })
  }

  // Also where hardly any fits: a quiet night, after which nobody is in; a new server, where hardly anybody left.
  const sparse = [
    { all: 'ended', states: ['live'] },
    { all: 'live', states: ['ended', 'replayed'] },
  ] as const
  for (const { all, states } of sparse) {
    await setAll(all)
    for (const state of states) {
      for (const filter of [{ state }, { state, cursor: sessionCursor }, { state, accountId: 7 }]) {
        const { list, values } = sessionList(core, filter, PAGE_SIZE_MAX)
        const { scanned, ms } = await explain(list, values)
        expect({ filter, scanned, inTime: ms < BUDGET || ms }).toEqual({ filter, scanned: [], inTime: true })
      }
    }
  }
}, 60_000)
