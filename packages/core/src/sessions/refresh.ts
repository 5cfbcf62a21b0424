import { type AccessTokenSubject, issueAccessToken } from '../access-tokens/issue.ts'
import { NO_ORIGIN, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { LatchkeyError } from '../errors.ts'
import type { TokenPair } from './pair.ts'
import type { Converged } from './swap.ts'
import type { RefreshToken } from './token.ts'

/**
 * Exchanges a refresh token for a new pair, both lifetimes starting anew.
 *
 * Within the grace window the parent gets the same successor again, so a second tab or a lost reply never logs anyone
 * out. With the retry key of its rotation it gets it for five minutes, while that successor is unused. The grandparent
 * within its own window is refused, and the session lives. Any other old token ends its session, and no other (RFC 9700,
 * section 4.14).
 *
 * @param uuid the refresh token, already validated as a UUID
 * @param retryKey what the client made up for this exchange, random, before it first asked for it
 * @throws LatchkeyError `invalid_refresh_token`, `too_many_requests`; `unavailable` when the database cannot answer, and
 * nothing has ended
 */
export async function refresh(
  core: Core,
  uuid: string,
  origin: Origin = NO_ORIGIN,
  retryKey?: string,
): Promise<TokenPair> {
  const { refreshTokens, swap, counters, limits, log, observer } = core
  const parent = refreshTokens.parse(uuid)
  limits.refresh(parent.selectorMac, origin)
  const salt = parent.salt(retryKey)
  const successor = parent.successor(salt)
  const began = performance.now()
  const swapped = await swap({ parent, successor, salt, retryKey, origin })
  observer.answered('refresh', performance.now() - began)
  observer.refreshed(swapped?.outcome ?? 'unknown')
  limits.refreshed(parent.selectorMac, origin, swapped !== undefined)
  if (swapped?.outcome === 'rotated') return pairFor(core, swapped, successor)
  if (swapped?.outcome === 'converged') return pairFor(core, swapped, sameSuccessor(parent, swapped))
  if (swapped?.outcome === 'replayed') {
    counters.count('replays')
    log.warn({ sessionId: swapped.sessionId }, 'refresh token replayed: session ended')
  }
  throw new LatchkeyError('invalid_refresh_token')
}

function pairFor(core: Core, subject: AccessTokenSubject, refreshToken: RefreshToken): TokenPair {
  core.counters.count('refreshes')
  return { accessToken: issueAccessToken(core, subject), refreshToken: refreshToken.reveal() }
}

/**
 * What the rotation gave out, made again from parent and salt, under the root secret that it was made under. A row that says
 * otherwise was tampered with.
 */
function sameSuccessor(parent: RefreshToken, { keyId, successorSalt, tokenMac }: Converged): RefreshToken {
  const successor = (keyId === parent.keyId ? parent : parent.other())?.successor(successorSalt)
  if (!successor?.mac.equals(tokenMac)) throw new Error('the salt of a session does not give its token')
  return successor
}
