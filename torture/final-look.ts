import { createClient, type World } from './clients/client.ts'
import { exchange, type Session } from './clients/session.ts'
import type { Cluster } from './cluster/cluster.ts'
import type { Random } from './random.ts'

const MEMORY_MAX_MIB = 512
/** Pages of the table of sessions for each row, at the most: rows are changed in place. */
const PAGES_A_SESSION = 3
const PAGES_FREE = 200

interface Row {
  generation: number
}

/**
 * When everything is quiet again: every honest session goes on, the database has as many generations of it as its client
 * knows, and nothing has grown.
 */
export async function lookAtTheEnd(world: World, sessions: Session[], random: Random): Promise<void> {
  for (const session of sessions) {
    const client = createClient(world, session.email, random)
    if ((await exchange(client, session)) === 'refused')
      client.violated('no-honest-logout', 'at the end it was refused')
  }
}

/** What only the database and the processes can tell. */
export async function lookInside(world: World, cluster: Cluster, sessions: Session[]): Promise<void> {
  const { verdict } = world
  for (const { email, chain } of sessions) {
    const rows = await cluster.database.query<Row>(
      `select s.generation from session as s join account as a on a.id = s.account_id
        where a.email = $1 and s.ended_at is null and s.generation = $2`,
      [email, chain.length - 1],
    )
    if (rows.length !== 1) {
      const all = await cluster.database.query<Row>(
        'select s.generation from session as s join account as a on a.id = s.account_id where a.email = $1',
        [email],
      )
      const found = all.map(({ generation }) => generation).join(', ')
      verdict.violated('one-live-token', `${email} knows ${chain.length - 1} generations; its sessions have ${found}`)
    }
  }
  const [table] = await cluster.database.query<{ sessions: number; pages: number }>(
    `select count(*)::int as sessions, (pg_relation_size('session') / 8192)::int as pages from session`,
  )
  if (table !== undefined && table.pages > PAGES_FREE + PAGES_A_SESSION * table.sessions) {
    verdict.violated('bounded', `${table.sessions} sessions take ${table.pages} pages`)
  }
  for (const { name, memoryMax } of cluster.servers) {
    if (memoryMax > MEMORY_MAX_MIB) verdict.violated('bounded', `${name} had ${Math.round(memoryMax)} MiB`)
  }
}
