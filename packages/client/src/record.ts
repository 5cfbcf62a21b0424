import { type AccessTokenClaims, readAccessToken } from './access-token.ts'
import type { Environment } from './environment.ts'
import { LatchkeyError, type LatchkeyErrorCode } from './errors.ts'
import { isObject } from './is-object.ts'
import { dueAfter, type Moment, momentAt, since } from './lifetime.ts'
import type { Me } from './router.ts'

/** Another number makes older clients of the same storage see no session, instead of a wrong one. */
const VERSION = 1

/** The session as it lies in the storage, for all tabs and for the time after a reload. */
export interface SessionRecord {
  version: typeof VERSION
  accessToken: string
  refreshToken: string
  /** `Idempotency-Key` of the one exchange of this refresh token, whoever makes it and however often it is tried. */
  exchangeKey: string
  /** When the tokens were asked for, by the wall clock. */
  askedAt: number
  /** Milliseconds from there after which they are refreshed; the same for all tabs, so that none of many comes early. */
  dueAfter: number
  user: Me | null
  /** While refreshing fails. */
  pause: Pause | null
}

/** A time in which nobody refreshes, because the server is away, or asks for it. */
export interface Pause {
  /** When it began, by the wall clock. */
  at: number
  milliseconds: number
  /** How many there were in a row. */
  failures: number
  /** Why. */
  code: LatchkeyErrorCode
}

/** A session with its tokens. */
export interface HeldSession {
  record: SessionRecord
  claims: AccessTokenClaims
  /** When the tokens were asked for. */
  asked: Moment
}

/** New tokens, as the server names them. */
export interface TokenPair {
  access_token: string
  refresh_token: string
}

/** After so many lifetimes without new tokens, many clients may have slept, or been cut off, together. */
const IN_STEP_LIFETIMES = 2

/**
 * Takes new tokens.
 *
 * @param options.asked when they were asked for
 * @param options.before whose successors they are, if any
 * @throws LatchkeyError `unreadable_answer` when they are no tokens
 */
export function holdPair(
  pair: unknown,
  { environment, asked, before }: { environment: Environment; asked: Moment; before: HeldSession | undefined },
): HeldSession {
  const claims = isPair(pair) ? readAccessToken(pair.access_token) : undefined
  if (!isPair(pair) || claims === undefined) throw new LatchkeyError('unreadable_answer')
  const isInStep = before === undefined || since(before.asked, environment) > IN_STEP_LIFETIMES * before.claims.lifetime
  const record: SessionRecord = {
    version: VERSION,
    accessToken: pair.access_token,
    refreshToken: pair.refresh_token,
    exchangeKey: environment.uuid(),
    askedAt: asked.wallClock,
    dueAfter: dueAfter(claims.lifetime, isInStep ? 'in-step' : 'spread', environment),
    user: before === undefined ? null : userAfter(before, claims),
    pause: null,
  }
  return { record, claims, asked }
}

/** Reads what lies in the storage. Anything else than a record of this version is none. */
export function readRecord(text: string | null, environment: Environment): HeldSession | null {
  try {
    const record: unknown = JSON.parse(text ?? 'null')
    const claims = isRecord(record) ? readAccessToken(record.accessToken) : undefined
    return isRecord(record) && claims ? { record, claims, asked: momentAt(record.askedAt, environment) } : null
  } catch {
    return null
  }
}

/** The account, with the name that the newer token has, if that was changed elsewhere. */
function userAfter({ record: { user }, claims: before }: HeldSession, claims: AccessTokenClaims): Me | null {
  return user === null || before.username === claims.username ? user : { ...user, username: claims.username }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value)

function isPair(value: unknown): value is TokenPair {
  return isObject(value) && typeof value.access_token === 'string' && isUuid(value.refresh_token)
}

function isRecord(value: unknown): value is SessionRecord {
  return (
    isObject(value) &&
    value.version === VERSION &&
    typeof value.accessToken === 'string' &&
    isUuid(value.refreshToken) &&
    typeof value.exchangeKey === 'string' &&
    typeof value.askedAt === 'number' &&
    typeof value.dueAfter === 'number' &&
    (value.user === null || isMe(value.user)) &&
    (value.pause === null || isPause(value.pause))
  )
}

/** Whether something is an account. */
export function isMe(value: unknown): value is Me {
  return (
    isObject(value) &&
    typeof value.id === 'number' &&
    typeof value.username === 'string' &&
    typeof value.email === 'string'
  )
}

function isPause(value: unknown): value is Pause {
  return (
    isObject(value) &&
    typeof value.at === 'number' &&
    typeof value.milliseconds === 'number' &&
    typeof value.failures === 'number' &&
    typeof value.code === 'string'
  )
}
