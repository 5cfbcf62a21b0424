/** The tokens that login and refresh answer with. */
export interface TokenPair {
  /** A signed JWT; short-lived, stored nowhere. */
  accessToken: string
  /** A UUID; each refresh exchanges it for another. */
  refreshToken: string
}

/** What a login answers with. */
export interface Login extends TokenPair {
  /** To be sent with the next login from the same device; see `limits/device-proof.ts`. */
  deviceProof: string
}
