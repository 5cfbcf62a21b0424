import type { TokenPair } from '@latchkey/core'

/** A pair of tokens in the contract's names, which are snake_case. */
export function tokenPair({ accessToken, refreshToken }: TokenPair) {
  return { access_token: accessToken, refresh_token: refreshToken }
}
