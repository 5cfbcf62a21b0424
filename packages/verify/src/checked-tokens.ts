import type { Payload } from './claims.ts'
import type { PublicKey } from './keys/key-set.ts'

/** A token whose signature, issuer and audience were found right. Its times have to be looked at each time. */
export interface CheckedToken extends Payload {
  /** What signed it: once that is gone, the token is too. */
  key: PublicKey
}

/** The tokens that were checked lately, by their whole text. */
export interface CheckedTokens {
  get(token: string): CheckedToken | undefined
  set(token: string, checked: CheckedToken): void
}

/**
 * Makes a memory for this many tokens. The oldest goes first, used or not: all live equally long, so it is the one that
 * expires next.
 */
export function createCheckedTokens(max: number): CheckedTokens {
  const tokens = new Map<string, CheckedToken>()
  return {
    get: (token) => tokens.get(token),
    set(token, checked) {
      const [oldest] = tokens.keys()
      if (tokens.size >= max && oldest !== undefined) tokens.delete(oldest)
      tokens.set(token, checked)
    },
  }
}
