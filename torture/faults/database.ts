import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Fault } from './fault.ts'

/** The whole database away, as by a lost machine. */
export const crashDatabase: Fault = {
  what: 'PostgreSQL ends without shutting down, and comes back after up to 3 s',
  async strike({ cluster, random }) {
    await cluster.database.crash(random.between(200, 3000))
    for (const { wire } of cluster.servers) wire.lead(cluster.database.url)
  },
}

/** PostgreSQL ends all connections and recovers by itself. */
export const killBackend: Fault = {
  what: 'kill -9 of a process of PostgreSQL, which then ends all others and recovers',
  strike: ({ cluster }) => cluster.database.killBackend(),
}

/** What a long change of the schema, or a careless hand, does. */
export const lockTables: Fault = {
  what: 'somebody locks the tables of sessions and accounts for 3 s',
  async strike({ cluster }) {
    const client = await cluster.database.connect()
    await client.query('begin')
    await client.query('lock table session, account in access exclusive mode')
    await delay(3000)
    await client.query('commit').catch(() => {})
    await client.end().catch(() => {})
  },
}

/** Rows, not tables: others go on. */
export const lockRows: Fault = {
  what: 'somebody locks half of all sessions for 3 s',
  async strike({ cluster }) {
    const client = await cluster.database.connect()
    await client.query('begin')
    await client.query('select from session where get_byte(selector_mac, 0) < 128 for update')
    await delay(3000)
    await client.query('commit').catch(() => {})
    await client.end().catch(() => {})
  },
}

/** A disk that is full, or a failover that went to a replica. */
export const readOnly: Fault = {
  what: 'the database takes no changes for 3 s',
  async strike({ cluster }) {
    const name = new URL(cluster.database.url).pathname.slice(1)
    const everybody = `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = $1`
    await cluster.database.query(`alter database "${name}" set default_transaction_read_only = on`)
    await cluster.database.query(everybody, [name])
    await delay(3000)
    const client = await cluster.database.connect()
    await client.query('set default_transaction_read_only = off')
    await client.query(`alter database "${name}" reset default_transaction_read_only`)
    await client.query(everybody, [name])
    await client.end().catch(() => {})
  },
}

/** A neighbour that opens one connection after the other, until there are none. */
export const exhaustConnections: Fault = {
  what: 'the connections of the servers are cut, and others take all that PostgreSQL has, for 3 s',
  async strike({ cluster }) {
    const until = performance.now() + 3000
    const taken: Client[] = []
    for (const { wire } of cluster.servers) wire.cut()
    // Servers come back meanwhile, and leave some when they give up: those are taken, too.
    while (performance.now() < until) {
      const client = await cluster.database.connect().catch(() => undefined)
      if (client === undefined) {
        for (const { wire } of cluster.servers) wire.cut()
        await delay(100)
      } else taken.push(client)
    }
    await Promise.all(taken.map((client) => client.end().catch(() => {})))
    if (taken.length === 0) throw new Error('no connection could be taken')
  },
}

/** Settings come by it: they are to come by the other way then. */
export const loseListener: Fault = {
  what: 'the connections on which servers listen for settings are ended',
  async strike({ cluster }) {
    const end = `select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%'`
    // A server may just have lost it by itself, and be about to listen again.
    for (let tries = 0; (await cluster.database.query(end)).length === 0; tries++) {
      if (tries > 50) throw new Error('no server listens for settings')
      await delay(100)
    }
    await delay(500)
  },
}
