import { MikroORM } from '@mikro-orm/postgresql'
import { type ClientBase, Pool, type PoolClient, type PoolConfig, TypeOverrides, types } from 'pg'
import { LatchkeyError } from '../errors.ts'
import type { Log } from '../log.ts'
import { NOBODY, type Observer } from '../observer.ts'
import { ENTITIES } from './entities.ts'
import { asFault } from './faults.ts'
import type { Statement } from './statement.ts'

/** Milliseconds; PostgreSQL ends a statement that runs, or waits for a row, longer than this. */
const STATEMENT_TIMEOUT = 2000
const LOCK_TIMEOUT = 1000
/** In a batch nobody shall wait for the row of another: it is repeated alone. */
const BATCH_LOCK_TIMEOUT = 50
/** One statement of each kind is in flight: a refresh, a look at an account, a change of one. */
const BATCH_POOL_SIZE = 3
/**
 * For arrays PostgreSQL would plan anew each time, which costs more than the statement. Planned once, each row is to be
 * found by its key, however small the table was then: a plan that reads a table of ten rows would be kept for ten thousand.
 */
const BATCH_PLANS = `
  set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;
  set enable_mergejoin = off; set enable_material = off`
/** Milliseconds to wait for a connection, and for an answer from a PostgreSQL that does not even end its statements. */
const PATIENCE = 2500

/** A value bound to a parameter. */
export type Parameter = Scalar | Scalar[]

type Scalar = string | number | boolean | Date | Uint8Array | null

/** Runs statements: on any connection of the pool, or all on the one of a transaction. */
export interface Runner {
  /** The first row, or undefined. @throws LatchkeyError `unavailable` */
  one<Row>(statement: Statement<Row>, values: Parameter[]): Promise<Row | undefined>
  /** All rows. @throws LatchkeyError `unavailable` */
  many<Row>(statement: Statement<Row>, values: Parameter[]): Promise<Row[]>
}

/** Runs what answers many at once. */
export interface Batches extends Pick<Runner, 'many'> {
  /** How many it has run. */
  count: number
}

/** MikroORM's pool leaves dates as text; statements read rows as the driver itself does, and int8 as a number. */
const ROW_TYPES = new TypeOverrides()
ROW_TYPES.setTypeParser(types.builtins.INT8, Number)

/** What {@link openDatabase} needs. */
export interface DatabaseOptions {
  url: string
  log: Log
  /** Connections at most; 10 are enough for one process. */
  poolSize?: number
  /** Hears of every statement. */
  observer?: Observer
}

/** How the connections of a pool stand. */
export interface PoolState {
  total: number
  idle: number
  /** Statements and transactions that wait for one. */
  waiting: number
}

/** One PostgreSQL: MikroORM for what is cold, named statements on MikroORM's own pool for what is hot or secret. */
export class Database implements Runner {
  readonly url: string
  readonly orm: MikroORM
  /** For statements that answer many at once: see `batch.ts`. They wait for nobody's lock, and are planned once. */
  readonly batches: Batches
  readonly #observer: Observer
  readonly #pool: Pool
  readonly #batchPool: Pool
  #closed: Promise<unknown> | undefined

  constructor(url: string, orm: MikroORM, pools: { pool: Pool; batchPool: Pool }, observer = NOBODY) {
    this.url = url
    this.orm = orm
    this.#observer = observer
    this.#pool = pools.pool
    this.#batchPool = pools.batchPool
    this.batches = {
      count: 0,
      many: (statement, values) => {
        this.batches.count++
        return this.#runOn(this.#batchPool, statement, values)
      },
    }
  }

  async one<Row>(statement: Statement<Row>, values: Parameter[]): Promise<Row | undefined> {
    return (await this.many(statement, values))[0]
  }

  many<Row>(statement: Statement<Row>, values: Parameter[]): Promise<Row[]> {
    return this.#runOn(this.#pool, statement, values)
  }

  /**
   * Runs `work` in one transaction on one connection; what it throws rolls back. A connection on which that worked is as
   * good as before: a refusal shall not cost a new one.
   */
  async transaction<T>(work: (transaction: Runner) => Promise<T>): Promise<T> {
    const client = await this.#connect(this.#pool)
    const connection = runnerOn(client, this.#observer)
    try {
      await connection.many(BEGIN, [])
      const result = await work(connection)
      await connection.many(COMMIT, [])
      client.release()
      return result
    } catch (error) {
      client.release(!(await rolledBack(connection, error)))
      throw error
    }
  }

  /**
   * Gives `work` a connection of its own, for locks that belong to a connection. The connection is closed afterwards
   * if `work` threw, so that no lock is left behind.
   */
  async reserve<T>(work: (connection: Runner) => Promise<T>): Promise<T> {
    const client = await this.#connect(this.#pool)
    try {
      const result = await work(runnerOn(client, this.#observer))
      client.release()
      return result
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  /** How the connections stand, without those of the batches. */
  pool(): PoolState {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.#pool
    return { total, idle, waiting }
  }

  /** Closes all connections, after what runs on them has ended. */
  async close(): Promise<void> {
    this.#closed ??= Promise.all([this.#batchPool.end(), this.orm.close()])
    await this.#closed
  }

  /** As the pool's own `query`, which would close the connection of a statement that is refused, a taken address say. */
  async #runOn<Row>(pool: Pool, statement: Statement<Row>, values: Parameter[]): Promise<Row[]> {
    const client = await this.#connect(pool)
    try {
      const rows = await run(client, statement, values, this.#observer)
      client.release()
      return rows
    } catch (error) {
      client.release(error instanceof LatchkeyError && error.code === 'unavailable')
      throw error
    }
  }

  async #connect(pool: Pool): Promise<PoolClient> {
    const began = performance.now()
    try {
      return await pool.connect()
    } catch (error) {
      throw asFault(error)
    } finally {
      this.#observer.connection(performance.now() - began)
    }
  }
}

/** Said aloud, because a database may be set up for another level: what is read after a lock must be what is there then. */
const BEGIN: Statement<never> = { name: 'begin', text: 'begin isolation level read committed' }
const COMMIT: Statement<never> = { name: 'commit', text: 'commit' }
const ROLLBACK: Statement<never> = { name: 'rollback', text: 'rollback' }

/** Whether the transaction is known to be over. Of a connection that is lost, or does not answer, nobody waits to hear it. */
async function rolledBack(connection: Runner, error: unknown): Promise<boolean> {
  if (error instanceof LatchkeyError && error.code === 'unavailable') return false
  return await connection.many(ROLLBACK, []).then(
    () => true,
    () => false,
  )
}

/**
 * Opens the database.
 *
 * @throws LatchkeyError `unavailable` when it cannot be reached
 */
export async function openDatabase({ url, log, poolSize = 10, observer }: DatabaseOptions): Promise<Database> {
  const driverOptions = {
    connectionString: url,
    application_name: 'latchkey',
    max: poolSize,
    keepAlive: true,
    connectionTimeoutMillis: PATIENCE,
    statement_timeout: STATEMENT_TIMEOUT,
    lock_timeout: LOCK_TIMEOUT,
    // A connection on which nothing comes back at all is given up, and closed by the pool.
    query_timeout: PATIENCE,
  }
  try {
    const orm = await MikroORM.init({ entities: ENTITIES, ...connectionOptions(url, log), driverOptions })
    const pool = await orm.em.getConnection().getNativeClient()
    return new Database(url, orm, { pool, batchPool: openBatchPool(driverOptions) }, observer)
  } catch (error) {
    throw asFault(error)
  }
}

/** Two connections beside the others; made when they are first needed. */
function openBatchPool(options: PoolConfig): Pool {
  const pool = new Pool({
    ...options,
    max: BATCH_POOL_SIZE,
    lock_timeout: BATCH_LOCK_TIMEOUT,
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, though its types do not say so
    onConnect: (client) => client.query(BATCH_PLANS),
  })
  // A connection that is lost says so whether it is idle or not, also to whoever waits for its answer. Unheard, that would
  // end the process; the pool makes another one.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** How MikroORM is told where the database is. The driver reads the whole URL itself (sockets, TLS). */
export function connectionOptions(url: string, log: Log) {
  return {
    dbName: decodeURIComponent(new URL(url).pathname.slice(1)),
    colors: false,
    // MikroORM names connection faults here; each request that meets one reports it too.
    logger: (message: string) => log.warn({ component: 'database' }, message),
  }
}

/** Runs statements on one connection. */
export function runnerOn(client: ClientBase, observer = NOBODY): Runner {
  const many = <Row>(statement: Statement<Row>, values: Parameter[]) => run(client, statement, values, observer)
  return { many, one: async (statement, values) => (await many(statement, values))[0] }
}

async function run<Row>(
  on: ClientBase,
  { name, text }: Statement<Row>,
  values: Parameter[],
  observer: Observer,
): Promise<Row[]> {
  const began = performance.now()
  try {
    const { rows } = await on.query({ name, text, values, types: ROW_TYPES })
    observer.statement(name, performance.now() - began, false)
    return rows as Row[]
  } catch (error) {
    observer.statement(name, performance.now() - began, true)
    throw asFault(error)
  }
}
