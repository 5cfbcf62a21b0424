import type { FaultName } from '../faults/faults.ts'

/** A fault that is planted in a copy of the built server. */
export interface Plant {
  /** What is wrong then. */
  breaks: string
  /** Below the checkout. */
  file: string
  /** Text that stands there exactly once. */
  from: string
  to: string
  /** What brings it to light besides kills. */
  faults?: FaultName[]
}

const CORE = 'packages/core/dist/'
const SERVER = 'apps/server/dist/'
const SWAP = `${CORE}sessions/swap.js`

/** Each has to be caught by `npm run torture`: what is never caught is not tested. */
export const PLANTS: Plant[] = [
  {
    breaks: 'the parent of a token is honest only once its grace is over',
    file: SWAP,
    from: 'or s.parent_mac = $2 and s.rotated_at > t.now - make_interval(secs => $5)\n',
    to: 'or s.parent_mac = $2 and s.rotated_at < t.now - make_interval(secs => $5)\n',
    faults: ['lose-answers'],
  },
  {
    breaks: 'the successor of a token is another one each time',
    file: `${CORE}sessions/token.js`,
    from: 'mac(keys.successor, SUCCESSOR_LABEL, bytes, salt)',
    to: 'mac(keys.successor, SUCCESSOR_LABEL, bytes, salt, randomBytes(8))',
    faults: ['lose-answers'],
  },
  {
    breaks: 'who presents the parent gets a successor that the session does not have',
    file: `${CORE}sessions/refresh.js`,
    from: 'pairFor(core, swapped, sameSuccessor(parent, swapped))',
    to: 'pairFor(core, swapped, successor)',
    faults: ['lose-answers'],
  },
  {
    breaks: 'a session that has ended goes on when it is refreshed alone',
    file: SWAP,
    from: 'where s.selector_mac = $1 and s.ended_at is null and s.expires_at > t.now and a.id',
    to: 'where s.selector_mac = $1 and s.expires_at > t.now and a.id',
  },
  {
    breaks: 'a session that has ended goes on when it is refreshed in a batch',
    file: SWAP,
    from: 'case when s.ended_at is null then s.expires_at end > t.now',
    to: 's.expires_at > t.now',
  },
  {
    breaks: 'an old token is refused, and its session goes on',
    file: SWAP,
    from: 'ended_at          = case when ${HONEST} then null else t.now end',
    to: 'ended_at          = null',
  },
  {
    breaks: 'answers of a batch go to others',
    file: SWAP,
    from: 'inOrder[place - 1]',
    to: 'inOrder[inOrder.length - place]',
    faults: ['slow-database'],
  },
  {
    breaks: 'a batch does not count generations',
    file: SWAP,
    from: 'generation = s.generation + 1,',
    to: 'generation = s.generation,',
  },
  {
    breaks: 'a refresh gives a token that runs out in a second',
    file: SWAP,
    from: 'expires_at = least(t.now + make_interval(secs => $6), s.ends_by), generation',
    to: 'expires_at = least(t.now + make_interval(secs => $6 / 1e7), s.ends_by), generation',
  },
  {
    breaks: 'a database that does not answer is a refresh token that is not known',
    file: `${CORE}sessions/refresh.js`,
    from: 'await swap({ parent, successor, salt, origin })',
    to: 'await swap({ parent, successor, salt, origin }).catch(() => undefined)',
    faults: ['refuse-connections', 'cut-connections'],
  },
  {
    breaks: 'a connection that is lost is a fault of ours',
    file: `${CORE}database/faults.js`,
    from: "('code' in error && LOST.test(String(error.code))) || DRIVER.test(error.message)",
    to: 'false',
    faults: ['refuse-connections', 'cut-connections'],
  },
  {
    breaks: 'a lock that somebody else holds is a fault of ours',
    file: `${CORE}database/faults.js`,
    from: "'53', '55', '57'",
    to: "'53'",
    faults: ['lock-tables'],
  },
  {
    breaks: 'a connection whose answer did not come in time is used for others',
    file: `${CORE}database/database.js`,
    from: "client.release(error instanceof LatchkeyError && error.code === 'unavailable')",
    to: 'client.release()',
    faults: ['forget-connections', 'forget-connections'],
  },
  {
    breaks: 'a logout says that it has ended a session, and does not',
    file: `${CORE}sessions/logout.js`,
    from: "update session as s set ended_at = t.now, end_reason = 'logged_out'",
    to: 'update session as s set ended_at = null',
  },
  {
    breaks: 'a tenth of all changes is not written',
    file: `${CORE}accounts/change.js`,
    from: 'set username = live.username from live',
    to: 'set username = case when random() < 0.1 then a.username else live.username end from live',
  },
  {
    breaks: 'commits are answered before they are on disk',
    file: `${CORE}database/database.js`,
    from: 'set plan_cache_mode = force_generic_plan;',
    to: 'set plan_cache_mode = force_generic_plan; set synchronous_commit = off;',
    // Only what was written in the last moment is lost: it takes some crashes to meet such a moment.
    faults: Array.from({ length: 10 }, () => 'crash-database' as const),
  },
  {
    breaks: 'who asks at the same time gets the account of another',
    file: `${CORE}accounts/read.js`,
    from: 'ids.map((id) => byId.get(id))',
    to: 'ids.map(() => rows[0])',
    // Two have to ask one server in the same moment.
    faults: ['slow-database', 'slow-database', 'slow-database', 'slow-database'],
  },
  {
    breaks: 'access tokens are remembered by their beginning only',
    file: `${CORE}access-tokens/checked.js`,
    from: 'return new LRUCache({ max: TOKENS_MAX })',
    to: 'const cache = new LRUCache({ max: TOKENS_MAX }); return { get: (token) => cache.get(token.slice(0, 90)), set: (token, seen) => cache.set(token.slice(0, 90), seen) }',
  },
  {
    breaks: 'a connection of the batches that is lost ends the process',
    file: `${CORE}database/database.js`,
    from: "pool.on('error', () => { });",
    to: "pool.on('error', () => process.exit(1));",
    faults: ['cut-connections'],
  },
  {
    breaks: 'a stop cuts what runs',
    file: `${SERVER}http-server.js`,
    from: 'delay(listener === undefined ? 0 : withinMs, false',
    to: 'delay(0, false',
    faults: ['rolling-restart', 'rolling-restart', 'rolling-restart'],
  },
  {
    breaks: 'each request leaves 300 kB behind',
    file: `${SERVER}edge/access-log.js`,
    from: 'const start = performance.now();',
    to: 'const start = performance.now(); (globalThis.kept ??= []).push(Buffer.alloc(300_000, 1));',
    faults: ['flood-logins', 'lose-answers'],
  },
  {
    breaks: 'a login says that a session is open that is not',
    file: `${CORE}sessions/login.js`,
    from: 'select $3, id, $6, now, ends_by, $4, $5, now, least(now + make_interval(secs => $7), ends_by)',
    to: 'select $3, id, $6, now, ends_by, $4, $5, now, now',
  },
  {
    breaks: 'every session of an account ends with a replay of one, and those of others with it',
    file: SWAP,
    from: 'where s.selector_mac = $1 and s.ended_at is null',
    to: 'where (s.selector_mac = $1 or random() < 0.002) and s.ended_at is null',
  },
  {
    breaks: 'the pool gives up for good when it cannot connect',
    file: `${CORE}database/batch.js`,
    from: 'running = false;\n    };',
    to: '};',
  },
]
