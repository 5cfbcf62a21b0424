import { LRUCache } from 'lru-cache'
import type { RingKey } from '../signing-keys/ring-key.ts'
import type { AccessClaims } from './claims.ts'

/** Tokens that are remembered; those of 10,000 live users take 10 MB. */
const TOKENS_MAX = 10_000

/** A token whose signature, issuer and audience were found right. Its times have to be looked at each time. */
export interface CheckedToken {
  claims: AccessClaims
  /** `nbf` */
  notBefore: Date | undefined
  /** What signed it: once that is gone, the token is too. */
  key: RingKey
}

/** The tokens that were checked lately, by their whole text. */
export type CheckedTokens = LRUCache<string, CheckedToken>

/** Makes the memory of checked tokens of an instance. */
export function createCheckedTokens(): CheckedTokens {
  return new LRUCache({ max: TOKENS_MAX })
}
