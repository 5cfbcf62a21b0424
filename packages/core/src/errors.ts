/**
 * Every error the domain throws on purpose: its stable code, HTTP status, title, and what it means to a caller.
 * REST answers (RFC 9457), tRPC error data, the OpenAPI document and the client are all drawn from this table.
 */
export const ERRORS = {
  invalid_json: { status: 400, title: 'Malformed JSON', meaning: 'The body is not well-formed JSON in UTF-8.' },
  invalid_input: {
    status: 400,
    title: 'Invalid input',
    meaning: 'A field is missing, wrongly typed, too long or not allowed; `errors` names each.',
  },
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
  invalid_credentials: {
    status: 401,
    title: 'Wrong e-mail or password',
    meaning: 'An unknown account and a wrong password get the same answer.',
  },
  account_disabled: {
    status: 401,
    title: 'Account disabled',
    meaning: 'The password is right, but an operator has disabled the account.',
  },
  invalid_refresh_token: {
    status: 401,
    title: 'Invalid refresh token',
    meaning: 'The refresh token is unknown, expired, logged out or replayed: log in again.',
  },
  registration_closed: {
    status: 403,
    title: 'Registration is closed',
    meaning: 'The operator does not take new accounts at the moment.',
  },
  invalid_setup_link: {
    status: 403,
    title: 'Invalid setup link',
    meaning:
      'The link has been used, is older than an hour, or there is an admin already: run `latchkey admin create`.',
  },
  admin_required: {
    status: 403,
    title: 'Only for admins',
    meaning: 'The access token is good, but its account is not an admin.',
  },
  password_change_required: {
    status: 403,
    title: 'Password change required',
    meaning: 'This admin has a password from outside: change it by `POST /api/me/password/` first.',
  },
  not_found: { status: 404, title: 'Not found', meaning: 'There is nothing here, or no longer.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path exists, but not with this method; `Allow` lists those it takes.',
  },
  email_taken: {
    status: 409,
    title: 'E-mail already registered',
    meaning: 'Another account has this e-mail; letter case does not matter.',
  },
  last_admin: {
    status: 409,
    title: 'Last admin',
    meaning: 'This is the last active admin. Make another one first.',
  },
  revision_conflict: {
    status: 409,
    title: 'Settings changed meanwhile',
    meaning: 'Somebody saved another revision after the one that this change was made on; `conflict` shows both.',
  },
  body_too_large: { status: 413, title: 'Body too large', meaning: 'A body may have up to 65,536 bytes.' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'Send the body as `application/json`, not compressed.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    meaning: 'Wait as many seconds as `Retry-After` says.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    meaning: 'A fault of ours; the log has it under the request id.',
  },
  busy: {
    status: 503,
    title: 'Busy',
    meaning: 'Too many passwords are being hashed at once. Nothing was changed: try again after `Retry-After` seconds.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning:
      'The server or its database cannot answer just now. That logs nobody out: try again after `Retry-After` seconds.',
  },
} as const satisfies Record<string, { status: number; title: string; meaning: string }>

/** The stable name of an error, as REST, tRPC and the client show it. */
export type ErrorCode = keyof typeof ERRORS

/** One fault in what a caller sent: where it lies (`['email']`), a stable code, and a sentence. */
export interface FieldError {
  path: (string | number)[]
  code: string
  message: string
}

/** What was saved meanwhile, with `revision_conflict`; values as JSON, null where the default is in force. */
export interface RevisionConflict {
  /** The revision that the refused change was made on. */
  base: number
  /** The newest one. */
  revision: number
  /** Each setting that was changed since, or that the refused change names. */
  settings: { name: string; before: unknown; theirs: unknown; yours: unknown }[]
}

/** A limit that refuses somebody: what `RateLimit` and `RateLimit-Policy` say (draft-ietf-httpapi-ratelimit-headers). */
export interface SpentLimit {
  /** Stable, such as `login-account`. */
  name: string
  /** How many in one window. */
  limit: number
  windowSeconds: number
}

/** What can go along with a {@link LatchkeyError}. */
export interface LatchkeyErrorOptions {
  /** Seconds after which trying again makes sense (`Retry-After`). */
  retryAfter?: number
  /** Which fields are wrong, with `invalid_input`. */
  fields?: FieldError[]
  /** What the others saved, with `revision_conflict`. */
  conflict?: RevisionConflict
  /** Which limit is spent, with `too_many_requests`. */
  limit?: SpentLimit
  /** What went wrong underneath; for the log only. */
  cause?: unknown
}

/** The one error the domain throws on purpose. Anything else that is thrown is a fault and becomes a 500. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError'
  readonly code: ErrorCode
  readonly retryAfter: number | undefined
  readonly fields: FieldError[] | undefined
  readonly conflict: RevisionConflict | undefined
  readonly limit: SpentLimit | undefined

  constructor(code: ErrorCode, options: LatchkeyErrorOptions = {}) {
    super(ERRORS[code].title, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryAfter = options.retryAfter
    this.fields = options.fields
    this.conflict = options.conflict
    this.limit = options.limit
  }

  /** The HTTP status of this error. */
  get status(): number {
    return ERRORS[this.code].status
  }
}
