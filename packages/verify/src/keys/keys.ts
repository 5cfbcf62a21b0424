import { TokenError } from '../token-error.ts'
import { type Fetch, fetchKeySet } from './fetch-key-set.ts'
import { type KeySet, type PublicKey, readKeySet } from './key-set.ts'

/** How long an answer is kept that does not say it; our server says 300 s. */
const FRESH_SECONDS_DEFAULT = 300

/** However long an answer may be kept: a key that was stolen is to be refused within the hour, everywhere. */
const FRESH_SECONDS_MAX = 3600

/** The share of that time after which it is fetched anew, so that it never runs out while requests come. */
const REFRESH_AT = 0.8

/** What {@link createKeys} needs. */
export interface KeysOptions {
  url: string
  fetch: Fetch
  timeoutSeconds: number
  /** Between two fetches because of a key that nobody knows, and at most between two tries after a failure. */
  cooldownSeconds: number
  /** How long keys stay good while the issuer cannot be reached. */
  keepSeconds: number
  /** Told of each fetch that failed. */
  onFetchError: (error: unknown) => void
  now: () => Date
}

/** The keys of the issuer, in memory. */
export interface Keys {
  /**
   * The key of this name. It waits for the network only where there is nothing to judge by: before the first answer,
   * once what we have has run out while nobody asked, and for a name that is new, once in a cooldown.
   *
   * @throws TokenError `unknown_key`; `no_keys` when that cannot be told, because the issuer cannot be reached
   */
  find(kid: string): Promise<PublicKey>
  /**
   * Waits for the first answer, where there is none yet.
   *
   * @throws TokenError `no_keys`
   */
  ready(): Promise<void>
}

/** An answer that was understood. */
interface Held {
  keys: KeySet
  etag: string | undefined
  freshSeconds: number
  /** When it was asked for, in milliseconds: from then on it grew old (RFC 9111, section 4.2.3). */
  confirmedAt: number
}

/** Fetches that failed since the last one that did not. */
interface Failures {
  count: number
  /** When the last one did, in milliseconds. */
  at: number
  last: unknown
}

const NONE: Failures = { count: 0, at: 0, last: undefined }

/** Makes the keys of an issuer; nothing is fetched before somebody asks. */
export function createKeys(options: KeysOptions): Keys {
  const { timeoutSeconds, cooldownSeconds, keepSeconds, onFetchError, now } = options
  let held: Held | undefined
  let pending: { id: symbol; startedAt: number; done: Promise<void> } | undefined
  let failures = NONE

  // A clock that is set back makes things old, too: else they would stay new for as long as it was set back.
  const secondsSince = (at: number) => Math.abs(now().getTime() - at) / 1000
  const secondsToWait = () =>
    failures.count === 0 ? 0 : Math.min(2 ** (failures.count - 1), cooldownSeconds) - secondsSince(failures.at)

  /** One fetch for all who ask meanwhile. It never rejects: what came of it is in `held` and `failures`. */
  function refetch(): Promise<void> {
    // Some platforms drop a fetch along with the request that began it, and what waits for it waits for ever.
    if (pending !== undefined && secondsSince(pending.startedAt) < 2 * timeoutSeconds) return pending.done
    const id = Symbol('fetch')
    pending = { id, startedAt: now().getTime(), done: attempt(id) }
    return pending.done
  }

  async function attempt(id: symbol): Promise<void> {
    const [answer] = await Promise.allSettled([load(options, held)])
    if (pending?.id !== id) return
    pending = undefined
    if (answer.status === 'fulfilled') {
      held = answer.value
      failures = NONE
    } else {
      failures = { count: failures.count + 1, at: now().getTime(), last: answer.reason }
      onFetchError(answer.reason)
    }
  }

  const isUsable = ({ confirmedAt, freshSeconds }: Held) =>
    secondsSince(confirmedAt) < Math.max(freshSeconds, keepSeconds)
  const hasRunOut = ({ confirmedAt, freshSeconds }: Held) => secondsSince(confirmedAt) >= freshSeconds
  const unavailable = () =>
    new TokenError('no_keys', { cause: failures.last, retryAfter: Math.max(1, Math.ceil(secondsToWait())) })

  /** What to judge by now. */
  async function current(): Promise<Held> {
    const kept = held !== undefined && isUsable(held) ? held : undefined
    if (kept !== undefined && !hasRunOut(kept)) {
      if (secondsSince(kept.confirmedAt) >= kept.freshSeconds * REFRESH_AT && secondsToWait() <= 0) void refetch()
      return kept
    }
    // What has run out because the issuer does not answer is kept, and nobody waits for that to change. What has run out
    // while nobody asked is another thing: it may hold a key that was stolen since.
    if (kept !== undefined && failures.count > 0 && secondsSince(failures.at) < kept.freshSeconds) {
      if (secondsToWait() <= 0) void refetch()
      return kept
    }
    if (secondsToWait() <= 0) await refetch()
    if (held === undefined || !isUsable(held)) throw unavailable()
    return held
  }

  return {
    async find(kid) {
      const { keys, confirmedAt } = await current()
      const key = keys.get(kid)
      if (key !== undefined) return key
      if (pending !== undefined || (secondsSince(confirmedAt) >= cooldownSeconds && secondsToWait() <= 0)) {
        await refetch()
      }
      const latest = await current()
      const found = latest.keys.get(kid)
      if (found !== undefined) return found
      // The issuer may have a new key that we could not hear of: its tokens are not ours to refuse.
      if (hasRunOut(latest)) throw unavailable()
      throw new TokenError('unknown_key', { detail: kid })
    },
    async ready() {
      await current()
    },
  }
}

/** Asks the issuer for its keys. */
async function load(options: KeysOptions, held: Held | undefined): Promise<Held> {
  const confirmedAt = options.now().getTime()
  const answer = await fetchKeySet(options, held?.etag)
  const before = held?.keys ?? new Map()
  const keys = answer.text === undefined ? before : await readKeySet(answer.text, before)
  // What must not be kept at all is asked for once in a cooldown, or each request would.
  const freshSeconds = answer.freshSeconds ?? FRESH_SECONDS_DEFAULT
  return {
    keys,
    etag: answer.etag,
    freshSeconds: Math.min(freshSeconds || options.cooldownSeconds, FRESH_SECONDS_MAX),
    confirmedAt,
  }
}
