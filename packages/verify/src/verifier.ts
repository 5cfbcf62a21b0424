import { compactVerify } from 'jose/jws/compact/verify'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { type CheckedToken, createCheckedTokens } from './checked-tokens.ts'
import { type AccessClaims, readPayload } from './claims.ts'
import type { Fetch } from './keys/fetch-key-set.ts'
import { isAlgorithm, type PublicKey } from './keys/key-set.ts'
import { createKeys, type Keys } from './keys/keys.ts'
import { TokenError } from './token-error.ts'

/** What {@link createVerifier} needs. */
export interface VerifierOptions {
  /** The Latchkey server, as its `PUBLIC_URL` says: `https://auth.example.com`. */
  issuer: string
  /** This service, as the server's `LATCHKEY_AUDIENCE` names it. Without it, tokens that are for somebody are refused. */
  audience?: string
  /** Where the keys are, if this service reaches the server by another name. By default below the issuer. */
  jwksUrl?: string
  /**
   * Seconds for which an expired token is still accepted, because clocks differ; 0 by default. Servers whose clocks are
   * set by NTP differ by milliseconds, a client that comes too late refreshes and tries again, and every second here is
   * one more for who has stolen a token.
   */
  leewaySeconds?: number
  /** Seconds for which keys are kept while the server cannot be reached; a day by default. */
  keepSeconds?: number
  /** Seconds in which at most one fetch is made because of keys that nobody knows; 30 by default. */
  cooldownSeconds?: number
  /** Seconds after which a fetch is given up; 3 by default. */
  timeoutSeconds?: number
  /** Told of each fetch of the keys that failed. For the log: as long as there are keys, requests do not notice. */
  onFetchError?: (error: unknown) => void
  /** In place of the platform's own. */
  fetch?: Fetch
  /** In place of the clock, for tests. */
  now?: () => Date
}

/** Checks access tokens. */
export interface Verifier {
  /**
   * Checks an access token (RFC 8725): what it says, if it is good.
   *
   * @param token whatever a caller sent as one; any string is accepted or refused, never a fault
   * @throws TokenError
   */
  (token: string | null | undefined): Promise<AccessClaims>
  /** The Latchkey server. */
  readonly issuer: string
  /**
   * Fetches the keys if they are not there yet, so that the first request need not wait for them.
   *
   * @throws TokenError `unavailable`
   */
  ready(): Promise<void>
}

/** Ours have some 500 characters, with the longest username some 1,500. Nothing longer is worth a look. */
const LENGTH_MAX = 4096

/** Tokens that are remembered, in 6 MB. One that was seen before costs 2 µs in place of 150. */
const REMEMBERED_MAX = 10_000

/**
 * Three parts in base64url, spelled in the only way there is (RFC 4648, section 3.5): decoders read over padding,
 * blanks and surplus bits, and a token could be altered, and still pass.
 */
const SPELLING = (() => {
  const part = '(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?'
  return new RegExp(`^${part}\\.${part}\\.${part}$`)
})()

/**
 * Makes a verifier. It fetches the keys of the server once, with the first token, and anew in the background before they
 * run out: a request costs no call of the network, and while the server is down tokens are checked as before. A token
 * that was seen before costs no signature either.
 *
 * Make one for the process, not one for each request.
 *
 * @throws TypeError when the issuer or the address of its keys is no http(s) URL
 *
 * @example
 * const verify = createVerifier({ issuer: 'https://auth.example.com' })
 * const { user_id } = await verify(token)
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const issuer = normalUrl(options.issuer)
  const { audience, leewaySeconds = 0, now = () => new Date() } = options
  const keys = createKeys({
    url: normalUrl(options.jwksUrl ?? `${issuer}/.well-known/jwks.json`),
    // Looked up with each call: tests and tracing put their own in its place.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    timeoutSeconds: options.timeoutSeconds ?? 3,
    cooldownSeconds: options.cooldownSeconds ?? 30,
    keepSeconds: options.keepSeconds ?? 86_400,
    onFetchError: options.onFetchError ?? (() => {}),
    now,
  })
  const checkedTokens = createCheckedTokens(REMEMBERED_MAX)

  async function verify(token: string | null | undefined): Promise<AccessClaims> {
    if (token === undefined || token === null || token === '') throw new TokenError('missing')
    const { claims, notBefore } = (await seenBefore(token)) ?? (await checked(token))
    const seconds = now().getTime() / 1000
    if (notBefore !== undefined && seconds < notBefore - leewaySeconds) throw new TokenError('not_yet_valid')
    // An `iat` to come is not refused: it is the server's time, and this process may lag behind.
    if (seconds >= claims.exp + leewaySeconds) throw new TokenError('expired')
    return claims
  }

  /** What was found out about this very token, as long as its key is one of the issuer's. */
  async function seenBefore(token: string): Promise<CheckedToken | undefined> {
    const seen = checkedTokens.get(token)
    return seen !== undefined && (await keys.find(seen.key.kid)) === seen.key ? seen : undefined
  }

  /** What holds of a token at any time. */
  async function checked(token: string): Promise<CheckedToken> {
    const key = await keyOf(token, keys)
    const payload = readPayload(await signedBytes(token, key))
    if (payload === undefined) throw new TokenError('claims')
    const { iss, aud } = payload.claims
    if (iss !== issuer) throw new TokenError('issuer', { detail: `${iss}, not ${issuer}` })
    if (aud !== audience) throw new TokenError('audience', { detail: `${aud ?? 'none'}, not ${audience ?? 'none'}` })
    const found = { ...payload, key }
    checkedTokens.set(token, found)
    return found
  }

  return Object.assign(verify, { issuer, ready: () => keys.ready() })
}

/**
 * The key that a token names. Nothing else in its header is believed: the algorithm is the key's (RFC 8725, section
 * 3.1), and no key that it brings along or points to (jwk, jku, x5c, x5u) is ever looked at (3.10).
 */
async function keyOf(token: string, keys: Keys): Promise<PublicKey> {
  const { alg, kid, typ, crit } = headerOf(token)
  if (crit !== undefined) throw new TokenError('critical')
  // A token of another kind, an ID token for one, is none that gives access (RFC 9068, section 4).
  if (!isAccessToken(typ)) throw new TokenError('typ')
  if (typeof kid !== 'string') throw new TokenError('malformed')
  // Before any fetch: `none` and HS256 are not worth one.
  if (!isAlgorithm(alg)) throw new TokenError('algorithm', { detail: String(alg) })
  const key = await keys.find(kid)
  if (alg !== key.alg) throw new TokenError('algorithm', { detail: `${String(alg)}, not ${key.alg}` })
  return key
}

function headerOf(token: string): Record<string, unknown> {
  if (token.length > LENGTH_MAX || !SPELLING.test(token)) throw new TokenError('malformed')
  try {
    return { ...decodeProtectedHeader(token) }
  } catch {
    throw new TokenError('malformed')
  }
}

/** Media types know no letter case, and may be written in full (RFC 7515, section 4.1.9). */
const isAccessToken = (typ: unknown): boolean => typeof typ === 'string' && /^(?:application\/)?at\+jwt$/i.test(typ)

/** The payload, once this key is known to have signed it; nothing of it is parsed before. */
async function signedBytes(token: string, { key, alg }: PublicKey): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, key, { algorithms: [alg] })).payload
  } catch (error) {
    throw new TokenError('signature', { cause: error })
  }
}

/** An http(s) URL as our server writes its own, without the slash at its end. */
function normalUrl(text: string): string {
  const url = new URL(text)
  if (!/^https?:$/.test(url.protocol)) throw new TypeError(`not an http(s) URL: ${text}`)
  return url.href.replace(/\/+$/, '')
}
