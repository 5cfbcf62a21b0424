import type { Core, Observer } from '@latchkey/core'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds; those that OpenTelemetry asks for, and finer ones below, where most of our answers are. */
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5]
const STATEMENT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const HASH_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32]
/** Of a statement that has no name, because it is planned anew each time. */
const UNPREPARED = 'unprepared'

/** What this process measures of itself, in the form of Prometheus. */
export interface Metrics {
  /** What core is to be given. */
  readonly observer: Observer
  readonly registry: Registry
  /** Counts an answer. @param route its pattern, never its path @param ms milliseconds */
  answered(method: string, route: string, status: number, ms: number): void
  /** From now on what can only be asked for is asked of this core: queues, connections, the revision in force. */
  watch(core: Core): void
}

/**
 * Makes all metrics. Names are those of OpenTelemetry where it has one, else ours, `latchkey_…`. Each label has few values: the
 * pattern of a route, never a path; no address, no account.
 */
export function createMetrics(version: string): Metrics {
  const registry = new Registry()
  const registers = [registry]
  let core: Core | undefined
  collectDefaultMetrics({ register: registry })

  const histogram = <Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers })
  const counter = (name: string, help: string, label: string, values: readonly string[]) => {
    const made = new Counter({ name, help, labelNames: [label], registers })
    // Seen as 0 from the start on: a rate over something that appears with its first event misses that event.
    for (const value of values) made.inc({ [label]: value }, 0)
    return made
  }
  /** Asked for when somebody reads. */
  const gauge = (name: string, help: string, read: (of: Core) => Record<string, number> | number, label?: string) =>
    new Gauge({
      name,
      help,
      registers,
      labelNames: label === undefined ? [] : [label],
      collect() {
        if (core === undefined) return
        const value = read(core)
        if (typeof value === 'number') this.set(value)
        else for (const [state, each] of Object.entries(value)) this.set({ [label ?? '']: state }, each)
      },
    })

  new Gauge({
    name: 'latchkey_build_info',
    help: 'Always 1; the label is the version.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1)
  const requests = histogram(
    'http_server_request_duration_seconds',
    'Time from a request to the end of its answer.',
    ['http_request_method', 'http_route', 'http_response_status_code'],
    REQUEST_BUCKETS,
  )
  const statements = histogram(
    'db_client_operation_duration_seconds',
    'Time of a statement, by its name.',
    ['db_query_summary', 'error_type'],
    STATEMENT_BUCKETS,
  )
  const connectionWait = histogram(
    'db_client_connection_wait_time_seconds',
    'Time that a statement or transaction waited for a connection.',
    [],
    STATEMENT_BUCKETS,
  )
  gauge('db_client_connection_count', 'Connections of the pool.', ({ db }) => stateOf(db.pool()), 'state')
  gauge('db_client_connection_pending_requests', 'Those who wait for a connection.', ({ db }) => db.pool().waiting)

  const refreshes = counter(
    'latchkey_refreshes_total',
    'Refreshes, by what became of them.',
    'outcome',
    REFRESH_OUTCOMES,
  )
  const logins = counter('latchkey_logins_total', 'Logins whose password was checked.', 'outcome', [
    'succeeded',
    'failed',
  ])
  const limited = counter('latchkey_limited_total', 'Requests that a limit refused.', 'limit', [])
  const hashWait = histogram(
    'latchkey_hash_wait_seconds',
    'Time that a password hash waited for its turn.',
    [],
    HASH_BUCKETS,
  )
  const hashes = histogram('latchkey_hash_seconds', 'Time of a password hash.', [], HASH_BUCKETS)
  const batches = histogram('latchkey_batch_size', 'Requests that one statement answered.', ['batch'], BATCH_BUCKETS)
  gauge(
    'latchkey_hash_queue',
    'Password hashes: those that wait, that run, and that may run at once.',
    hashQueueOf,
    'state',
  )
  gauge('latchkey_settings_revision', 'The revision of the settings in force here.', ({ settings }) =>
    settings.revision(),
  )
  gauge('latchkey_ready', 'Whether settings and keys are loaded: 1, else 0.', ({ ring }) => Number(ring.loaded()))

  const requestOf = remembered((method: string, route: string, status: number) =>
    requests.labels({ http_request_method: method, http_route: route, http_response_status_code: String(status) }),
  )
  const statementOf = remembered((name: string, failed: boolean) =>
    statements.labels({ db_query_summary: name === '' ? UNPREPARED : name, error_type: failed ? 'failed' : '' }),
  )
  return {
    registry,
    observer: {
      statement: (name, ms, failed) => statementOf(name, failed).observe(ms / 1000),
      connection: (ms) => connectionWait.observe(ms / 1000),
      answered() {},
      batch: (name, size) => batches.observe({ batch: name }, size),
      hash(waitMs, ms) {
        hashWait.observe(waitMs / 1000)
        hashes.observe(ms / 1000)
      },
      refreshed: (outcome) => refreshes.inc({ outcome }),
      loggedIn: (outcome) => logins.inc({ outcome }),
      limited: (limit) => limited.inc({ limit }),
    },
    answered: (method, route, status, ms) => requestOf(method, route, status).observe(ms / 1000),
    watch(watched) {
      core = watched
    },
  }
}

const REFRESH_OUTCOMES = ['rotated', 'converged', 'late', 'replayed', 'unknown'] as const

const stateOf = ({ total, idle }: { total: number; idle: number }) => ({ idle, used: total - idle })

function hashQueueOf({ passwords }: Core): Record<string, number> {
  const { waiting, running, slots } = passwords.queue()
  return { waiting, running, slots }
}

/** Finds what it has made before: the library makes a text of all labels each time. */
function remembered<Arguments extends (string | number | boolean)[], Made>(
  make: (...of: Arguments) => Made,
): (...of: Arguments) => Made {
  const made = new Map<string, Made>()
  return (...of) => {
    const key = of.join(' ')
    const known = made.get(key) ?? make(...of)
    made.set(key, known)
    return known
  }
}
