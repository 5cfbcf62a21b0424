import type { CookieName } from './cookie.ts'
import { readStored, type StoredSession, secondsLeft, type Tokens, writeStored } from './tokens.ts'

/** Seconds. The server says when a session ends; browsers keep no cookie for longer (RFC 6265bis, 5.6.2). */
const SESSION_SECONDS = 400 * 86_400
const DEVICE_SECONDS = 365 * 86_400
/** Seconds for which a session that has ended does not come back by an answer that was under way. */
const ENDED_SECONDS = 600

/** What the browser has. */
export interface Kept {
  /** The session, unless it is over. */
  session: StoredSession | undefined
  accessToken: string | undefined
  /**
   * Whether the access token need not be exchanged yet. The stop-watch is the browser's (`Max-Age`), from the moment it got
   * the token: no clock of the app or of the device is asked, so none has to be right.
   */
  isFresh: boolean
  device: string | undefined
  /** Whether there are cookies of a session that is over. */
  isOver: boolean
}

/** What one request came to, as far as the browser has to know. */
export interface Outcome {
  /** New ones. */
  tokens?: Tokens | undefined
  /** The session that was signed out: none of its tokens counts any more, and none that still comes. */
  signedOut?: StoredSession | undefined
  /**
   * The session whose token the server has refused. Its cookies are not taken away yet: the browser may have got newer
   * ones meanwhile, or those of another login. The next request shows.
   */
  refused?: StoredSession | undefined
  /** What goes along with the next login. */
  device?: string | undefined
}

/** A cookie that the browser is to have, for so many seconds; 0 takes it away. */
export interface Change {
  name: CookieName
  value: string
  maxAge: number
}

/** Reads what the browser has. */
export function keptIn(cookies: ReadonlyMap<CookieName, string>): Kept {
  const stored = readStored(cookies.get('session'))
  const ended = cookies.get('ended')
  const isOver = stored === undefined || ended === stored.sessionId || ended === stored.retryKey
  return {
    session: isOver ? undefined : stored,
    accessToken: isOver ? undefined : cookies.get('access'),
    isFresh: cookies.has('fresh'),
    device: cookies.get('device'),
    isOver: isOver && cookies.has('session'),
  }
}

/** The cookies that follow; those of tokens for as long as is left of them by now. */
export function changesFor({ isOver }: Kept, { tokens, signedOut, refused, device }: Outcome): Change[] {
  const ended = signedOut?.sessionId ?? refused?.retryKey
  return [
    ...(tokens !== undefined ? kept(tokens) : isOver || signedOut !== undefined ? TAKEN_AWAY : []),
    ...(ended === undefined ? [] : [{ name: 'ended', value: ended, maxAge: ENDED_SECONDS } as const]),
    ...(device === undefined ? [] : [{ name: 'device', value: device, maxAge: DEVICE_SECONDS } as const]),
  ]
}

function kept(tokens: Tokens): Change[] {
  const { accepted, fresh } = secondsLeft(tokens)
  return [
    { name: 'session', value: writeStored(tokens), maxAge: SESSION_SECONDS },
    { name: 'access', value: tokens.accessToken, maxAge: accepted },
    { name: 'fresh', value: '1', maxAge: fresh },
  ]
}

const TAKEN_AWAY: Change[] = (['session', 'access', 'fresh'] as const).map((name) => ({ name, value: '', maxAge: 0 }))
