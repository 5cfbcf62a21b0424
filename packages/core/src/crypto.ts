import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const MAC_BYTES = 16

/**
 * The keys that this instance derives, once at start, from the one root secret (HKDF-SHA256, RFC 5869). One key per
 * use, so that no two uses can be played against each other. The database never sees any of them.
 */
export interface DerivedKeys {
  /** Names the root secret (31 bits): each row that depends on it says which one made it. */
  readonly id: number
  /** MACs the constant part of refresh tokens, which finds the row. */
  readonly selector: KeyObject
  /** MACs whole refresh tokens. */
  readonly token: KeyObject
  /** Derives the successor of a refresh token. */
  readonly successor: KeyObject
  /** MACs the keys by which clients try a refresh again. */
  readonly retry: KeyObject
  /** MACs the tokens of setup links. */
  readonly setup: KeyObject
  /** Signs device proofs. */
  readonly device: KeyObject
  /** MACs backups. */
  readonly backup: KeyObject
  /** MACs what a limit counts by, so that its table names no account. */
  readonly limit: KeyObject
  /** Seals the private parts of signing keys. */
  readonly seal: KeyObject
}

/** The keys of the root secret and, while that is being changed, of the one before. */
export interface RootKeys {
  readonly keys: DerivedKeys
  readonly previousKeys?: DerivedKeys | undefined
}

/** All keys under which something may have been made that is still good. */
export function knownKeys({ keys, previousKeys }: RootKeys): DerivedKeys[] {
  return previousKeys === undefined ? [keys] : [keys, previousKeys]
}

/**
 * The keys under which things are made: those of the root secret before, as long as a signing key is sealed under that. So
 * a new secret can be given to one instance after the other: nothing is made under it that the others would not know, until
 * `latchkey keys reseal` has all of them change at once.
 *
 * @param sealed which root secret each signing key is sealed under
 */
export function keysInForce({ keys, previousKeys }: RootKeys, sealed: { keyId: number }[]): DerivedKeys {
  const isPrevious = previousKeys !== undefined && sealed.some(({ keyId }) => keyId === previousKeys.id)
  return isPrevious ? previousKeys : keys
}

/**
 * Derives all keys from the root secret.
 *
 * @param rootSecret at least 32 characters of high entropy; the environment has checked its length
 */
export function deriveKeys(rootSecret: string): DerivedKeys {
  const bytes = (use: string, length: number) =>
    Buffer.from(hkdfSync('sha256', rootSecret, '', `latchkey/v1/${use}`, length))
  const key = (use: string) => createSecretKey(bytes(use, 32))
  return {
    id: bytes('id', 4).readUInt32BE() >>> 1,
    selector: key('refresh-token-selector'),
    token: key('refresh-token'),
    successor: key('refresh-token-successor'),
    retry: key('refresh-token-retry'),
    setup: key('setup'),
    device: key('device-proof'),
    backup: key('backup'),
    limit: key('limit'),
    seal: key('seal'),
  }
}

/**
 * HMAC-SHA256 over the parts, one after the other, cut to 16 bytes (RFC 2104, section 5): what it guards has 62 bits, and
 * a refresh writes three of them to the write-ahead log. A KeyObject is 5 times as fast as a Buffer as key.
 */
export function mac(key: KeyObject, ...parts: Uint8Array[]): Buffer {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(part)
  return hmac.digest().subarray(0, MAC_BYTES)
}

/**
 * Encrypts and authenticates (AES-256-GCM): nonce, tag, ciphertext in one.
 *
 * @param context what the secret belongs to, such as a key's id: authenticated, so that sealed values cannot be swapped
 */
export function seal(key: KeyObject, plaintext: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext])
}

/**
 * Opens what {@link seal} made.
 *
 * @throws Error when the key, the context or a single bit of the sealed value is another
 */
export function unseal(key: KeyObject, sealed: Uint8Array, context: string): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
}
