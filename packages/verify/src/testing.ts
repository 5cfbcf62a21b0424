import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose'
import type { AccessClaims } from './claims.ts'
import type { Fetch } from './keys/fetch-key-set.ts'
import { createVerifier, type Verifier } from './verifier.ts'

/** What {@link createTestIssuer} may be told. */
export interface TestIssuerOptions {
  /** `https://auth.test` by default. */
  issuer?: string
  /** The audience of its tokens, and of its verifier; none by default. */
  audience?: string
  /** EdDSA by default. */
  algorithm?: 'EdDSA' | 'ES256' | 'RS256'
  /** 30 by default, as on the server. */
  lifetimeSeconds?: number
  /** In place of the clock. */
  now?: () => Date
}

/** Makes a token with these claims, and usual ones for the rest. */
export type MintToken = (claims?: Partial<AccessClaims>) => Promise<string>

/** A Latchkey server for tests, without a server: its key, its tokens, and who checks them. */
export interface TestIssuer {
  readonly issuer: string
  /** A good token, of user 1 and a new session unless the claims say something else. */
  readonly token: MintToken
  /** A token that was good until a minute ago. */
  readonly expiredToken: MintToken
  /** A token that is right in all but its signature. */
  readonly forgedToken: MintToken
  /** Checks these tokens; give it to the app that is tested. */
  readonly verifier: Verifier
  /** What the server would publish. */
  readonly jwks: JSONWebKeySet
  /** Answers with the JWKS, for an app that makes its verifier itself: `createVerifier({ issuer, fetch })`. */
  readonly fetch: Fetch
}

/**
 * Makes a key and what goes with it, so that an app tests its own routes with real tokens and a real verifier.
 *
 * @example
 * const { verifier, token } = await createTestIssuer()
 * const app = createApp({ verifier })
 * await app.request('/notes', { headers: { Authorization: `Bearer ${await token({ user_id: 7 })}` } })
 */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { issuer = 'https://auth.test', audience, algorithm = 'EdDSA', lifetimeSeconds = 30 } = options
  const { now = () => new Date() } = options
  const kid = crypto.randomUUID()
  const ours = await generateKeyPair(algorithm, { extractable: true })
  const forgers = await generateKeyPair(algorithm)

  const jwks = { keys: [{ ...(await exportJWK(ours.publicKey)), kid, alg: algorithm, use: 'sig' }] }
  const fetch: Fetch = async () => Response.json(jwks, { headers: { 'Cache-Control': 'public, max-age=300' } })

  async function sign(given: Partial<AccessClaims>, key: typeof ours.privateKey): Promise<string> {
    const iat = Math.floor(now().getTime() / 1000)
    const claims: AccessClaims = {
      user_id: 1,
      sub: String(given.user_id ?? 1),
      sid: crypto.randomUUID(),
      username: '',
      iss: issuer,
      iat,
      exp: (given.iat ?? iat) + lifetimeSeconds,
      jti: crypto.randomUUID(),
      ...(audience !== undefined && { aud: audience }),
      ...given,
    }
    return await new SignJWT({ ...claims }).setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid }).sign(key)
  }

  return {
    issuer,
    token: (claims = {}) => sign(claims, ours.privateKey),
    expiredToken: (claims = {}) => {
      const exp = Math.floor(now().getTime() / 1000) - 60
      return sign({ exp, iat: exp - lifetimeSeconds, ...claims }, ours.privateKey)
    },
    forgedToken: (claims = {}) => sign(claims, forgers.privateKey),
    verifier: createVerifier({ issuer, fetch, now, ...(audience !== undefined && { audience }) }),
    jwks,
    fetch,
  }
}
