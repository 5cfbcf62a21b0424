import type { AccessClaims } from '../access-tokens/claims.ts'

/** Where a call came from, as the edge saw it; null where there was no request or nothing was said. */
export interface Origin {
  /** The client's IP address in its normal form. */
  address: string | null
  /** The `User-Agent`, cut to {@link USER_AGENT_MAX_LENGTH}. */
  userAgent: string | null
  /** Names the request in the log. */
  requestId: string | null
  /** The device proof, as the client sent it: who logs in from a known device has a limit of its own. */
  device: string | null
}

/** Code units of a `User-Agent` that are kept; those of browsers have some 120. */
export const USER_AGENT_MAX_LENGTH = 300

/** Who acts: the owner of an account, an admin, a command on the server's machine, Latchkey itself, or nobody known. */
export const ACTOR_KINDS = ['owner', 'admin', 'command', 'system', 'anyone'] as const

/** One of {@link ACTOR_KINDS}. */
export type ActorKind = (typeof ACTOR_KINDS)[number]

/** Who does something, and from where. */
export interface Actor extends Origin {
  kind: ActorKind
  /** The account that acts, where it is one. */
  accountId: number | null
  /** The session by which it acts. */
  sessionId: string | null
}

/** No request: a test, or work of the server's own. */
export const NO_ORIGIN: Origin = { address: null, userAgent: null, requestId: null, device: null }

/** Latchkey itself: an override that ended, say. */
export const SYSTEM: Actor = { ...NO_ORIGIN, kind: 'system', accountId: null, sessionId: null }

/** Whoever may run commands on the server's machine. */
export const COMMAND: Actor = { ...NO_ORIGIN, kind: 'command', accountId: null, sessionId: null }

/** Somebody who has shown no token. */
export const anyone = (origin: Origin): Actor => ({ ...origin, kind: 'anyone', accountId: null, sessionId: null })

/** The account that an access token speaks for. */
export function actorOf(kind: 'owner' | 'admin', { accountId, sessionId }: AccessClaims, origin: Origin): Actor {
  return { ...origin, kind, accountId, sessionId }
}
