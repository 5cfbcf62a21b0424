import { randomBytes } from 'node:crypto'
import { type DerivedKeys, mac, type RootKeys } from '../crypto.ts'

const TOKEN_BYTES = 16
const SELECTOR_BYTES = 8
const SALT_BYTES = 16
/** How many of them are always random. */
export const NONCE_BYTES = 8
const SALTS_DRAWN = 128
const SUCCESSOR_LABEL = Buffer.from('rt-next')

/**
 * A refresh token: a UUID (v4 form, RFC 9562) of two halves. Bytes 0-7 are the *selector* (60 free bits), which stays
 * for the session's life and finds its row; bytes 8-15 the *verifier* (62 free bits), new at each rotation. Neither is
 * ever logged or stored; the row holds MACs of them.
 */
export interface RefreshToken {
  /** Names the root secret under which the MACs are. */
  readonly keyId: number
  /** MAC(k_selector, selector). */
  readonly selectorMac: Buffer
  /** MAC(k_token, the 16 bytes). */
  readonly mac: Buffer
  /**
   * Fresh bytes for one rotation of this token. With a retry key their second half is a MAC of it, so that the row, which
   * keeps the salt, knows the key again. (A column of its own would be one more that each refresh writes to the log.)
   *
   * The key is as secret as the token: who has both can fetch the successor. It is kept nowhere else. The MAC is bound to
   * the token, so a key that a client uses twice looks like another, and serves for nothing but the one exchange.
   */
  salt(retryKey?: string): Buffer
  /** The token that a rotation with this salt makes of this one: always the same, and only from this one. */
  successor(salt: Uint8Array): RefreshToken
  /** The UUID in its 36-character form, lower case. For the client only. */
  reveal(): string
  /** The same token under the other root secret, while there are two. */
  other(): RefreshToken | undefined
}

/** Makes and reads refresh tokens under the keys that are in force. */
export interface RefreshTokens {
  /** The first token of a new session. */
  generate(): RefreshToken
  /** Reads a token that is validated as a UUID. Bytes are compared, so letter case never matters. */
  parse(uuid: string): RefreshToken
}

/** Makes fresh randomness for salts. It is drawn for many at once: one by one costs 7 µs each. */
function createSalts(): () => Buffer {
  let drawn = Buffer.alloc(0)
  return () => {
    // A new buffer each time: what was given out may still be on its way to the database.
    if (drawn.length === 0) drawn = randomBytes(SALT_BYTES * SALTS_DRAWN)
    const salt = drawn.subarray(0, SALT_BYTES)
    drawn = drawn.subarray(SALT_BYTES)
    return salt
  }
}

/**
 * Binds the token functions to the derived keys.
 *
 * @param inForce one of them
 */
export function createRefreshTokens(root: RootKeys, inForce: () => DerivedKeys = () => root.keys): RefreshTokens {
  const freshSalt = createSalts()
  const token = (
    keys: DerivedKeys,
    bytes: Buffer,
    selectorMac = mac(keys.selector, bytes.subarray(0, SELECTOR_BYTES)),
  ): RefreshToken => ({
    keyId: keys.id,
    selectorMac,
    mac: mac(keys.token, bytes),
    salt(retryKey) {
      const salt = freshSalt()
      if (retryKey !== undefined)
        mac(keys.retry, bytes, Buffer.from(retryKey)).copy(salt, NONCE_BYTES, 0, SALT_BYTES - NONCE_BYTES)
      return salt
    },
    // Derived, not stored: nothing in the row can be turned into a token without the parent itself.
    successor(salt) {
      const verifier = mac(keys.successor, SUCCESSOR_LABEL, bytes, salt).subarray(0, TOKEN_BYTES - SELECTOR_BYTES)
      return token(keys, asUuid(Buffer.concat([bytes.subarray(0, SELECTOR_BYTES), verifier])), selectorMac)
    },
    reveal() {
      const hex = bytes.toString('hex')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
    },
    other() {
      const others = keys === root.keys ? root.previousKeys : root.keys
      return others && token(others, bytes)
    },
  })
  return {
    generate: () => token(inForce(), asUuid(randomBytes(TOKEN_BYTES))),
    parse: (uuid) => token(inForce(), Buffer.from(uuid.replaceAll('-', ''), 'hex')),
  }
}

/** Sets the version (4) and the variant of RFC 9562. */
function asUuid(bytes: Buffer): Buffer {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes
}
