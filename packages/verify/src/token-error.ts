/** What a service answers its caller: the same codes, statuses and words as the Latchkey server's own. */
export const TOKEN_ERRORS = {
  missing_token: {
    status: 401,
    title: 'Access token missing',
    meaning: 'The call needs `Authorization: Bearer` with an access token.',
  },
  invalid_token: {
    status: 401,
    title: 'Invalid access token',
    meaning: 'The access token is malformed or forged, or what it stands for has ended.',
  },
  token_expired: {
    status: 401,
    title: 'Access token expired',
    meaning: 'Exchange the refresh token for a new pair and call again.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning:
      'The server or its database cannot answer just now. That logs nobody out: try again after `Retry-After` seconds.',
  },
} as const satisfies Record<string, { status: 401 | 503; title: string; meaning: string }>

/** The stable name of a refusal. Decide by this. */
export type TokenErrorCode = keyof typeof TOKEN_ERRORS

/** Why, in detail: for logs and tests. Callers are told the code only, so that a forger learns nothing. */
export const REASONS = {
  missing: { code: 'missing_token', message: 'no access token was sent' },
  malformed: { code: 'invalid_token', message: 'this is no signed JWT that names its key' },
  critical: { code: 'invalid_token', message: 'the header has `crit`, of which we understand nothing' },
  typ: { code: 'invalid_token', message: 'the header says that it is another kind of token' },
  algorithm: { code: 'invalid_token', message: 'it is signed with another algorithm than its key is for' },
  unknown_key: { code: 'invalid_token', message: 'the issuer publishes no such key' },
  signature: { code: 'invalid_token', message: 'the signature is wrong' },
  claims: { code: 'invalid_token', message: 'claims are missing, or of the wrong type' },
  issuer: { code: 'invalid_token', message: 'it is from another issuer' },
  audience: { code: 'invalid_token', message: 'it is for another audience' },
  not_yet_valid: { code: 'invalid_token', message: 'its time has not come yet' },
  expired: { code: 'token_expired', message: 'it has expired' },
  no_keys: { code: 'unavailable', message: 'the keys of the issuer could not be fetched' },
} as const satisfies Record<string, { code: TokenErrorCode; message: string }>

/** Why a token was refused, in detail. */
export type TokenErrorReason = keyof typeof REASONS

/** What can go along with a {@link TokenError}. */
export interface TokenErrorOptions {
  /** What was found, for the log; never the token or a part of it that could be used. */
  detail?: string | undefined
  /** Seconds after which trying again makes sense, with `unavailable`. */
  retryAfter?: number | undefined
  /** What went wrong underneath. */
  cause?: unknown
}

/** The one error that a verifier throws. Neither its message nor its cause holds the token. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  /** What a caller is told. */
  readonly code: TokenErrorCode
  /** What was wrong, for the log. */
  readonly reason: TokenErrorReason
  /** Seconds after which trying again makes sense; undefined where it never does. */
  readonly retryAfter: number | undefined

  constructor(reason: TokenErrorReason, { detail, retryAfter, cause }: TokenErrorOptions = {}) {
    const { code, message } = REASONS[reason]
    super(detail === undefined ? message : `${message}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.reason = reason
    this.retryAfter = retryAfter
  }

  /** The HTTP status that fits. */
  get status(): 401 | 503 {
    return TOKEN_ERRORS[this.code].status
  }
}
