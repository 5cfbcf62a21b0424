/** What login and refresh answer with. */
export interface TokenPair {
  /** A signed JWT; short-lived, stored nowhere. */
  accessToken: string
  /** A UUID; each refresh exchanges it for another. */
  refreshToken: string
}
