import { AsyncLocalStorage } from 'node:async_hooks'
import { NOBODY, type Observer } from '@latchkey/core'

/** What the time of one request went into, in milliseconds. What is missing from the whole is work of this process, or waiting for it. */
export interface RequestParts {
  /** Waiting for a turn to hash, or for a connection to the database. */
  queueMs: number
  hashMs: number
  databaseMs: number
}

const current = new AsyncLocalStorage<RequestParts>()

/** Statements whose time is told by `answered` to each who waits for it, because they answer several. */
const TOLD_BY_ANSWERED = new Set(['session.rotate', 'session.swap', 'account.read', 'account.rename', 'account.change'])

/** Begins to count for the request that is being taken just now. It costs 1 µs. */
export function beginParts(): RequestParts {
  const parts = { queueMs: 0, hashMs: 0, databaseMs: 0 }
  current.enterWith(parts)
  return parts
}

/** Adds what it hears to the request in whose course it happened. */
export const partsObserver: Observer = {
  ...NOBODY,
  statement(name, ms) {
    if (!TOLD_BY_ANSWERED.has(name)) add('databaseMs', ms)
  },
  connection: (ms) => add('queueMs', ms),
  answered: (_, ms) => add('databaseMs', ms),
  hash(waitMs, ms) {
    add('queueMs', waitMs)
    add('hashMs', ms)
  },
}

function add(part: keyof RequestParts, ms: number): void {
  const parts = current.getStore()
  if (parts !== undefined) parts[part] += ms
}
