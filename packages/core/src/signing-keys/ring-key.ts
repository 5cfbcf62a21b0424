import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { type DerivedKeys, type RootKeys, seal, unseal } from '../crypto.ts'
import type { SigningKey } from './signing-key.ts'

/** A signing key in memory, opened. It is the same object for as long as the key is there. */
export interface RingKey extends Pick<SigningKey, 'id' | 'algorithm'> {
  /** Signs; of HS256 the shared secret. */
  readonly privateKey: KeyObject
  /** Checks signatures; of HS256 the same secret. */
  readonly publicKey: KeyObject
  /** The JOSE header of every token that this key signs, encoded: for one key it is always the same text. */
  readonly header: string
}

/** What a row holds of a key, as far as opening it goes. */
export type SealedKey = Pick<SigningKey, 'id' | 'algorithm' | 'keyId'> & { sealed: Uint8Array }

/**
 * The root secret does not open a signing key of this database. Starting all the same, with new keys, would log
 * everybody out: the MACs of the sessions hang on the same secret.
 */
export class WrongRootSecretError extends Error {
  override readonly name = 'WrongRootSecretError'

  constructor(id: string, cause?: unknown) {
    super(
      `LATCHKEY_SECRET is not the one that this database's keys were sealed with (signing key ${id}). ` +
        'Start with the secret that belongs to this database.',
      { cause },
    )
  }
}

/** Completes a key from its private part. */
export function ringKey({ id, algorithm }: Pick<RingKey, 'id' | 'algorithm'>, privateKey: KeyObject): RingKey {
  const header = Buffer.from(JSON.stringify({ alg: algorithm, typ: 'at+jwt', kid: id })).toString('base64url')
  const publicKey = privateKey.type === 'secret' ? privateKey : createPublicKey(privateKey)
  return { id, algorithm, privateKey, publicKey, header }
}

/** Seals a key for the database. */
export function sealKey(keys: DerivedKeys, { id, algorithm, privateKey }: RingKey): SealedKey {
  const bytes = privateKey.type === 'secret' ? privateKey.export() : privateKey.export({ format: 'der', type: 'pkcs8' })
  return { id, algorithm, keyId: keys.id, sealed: seal(keys.seal, bytes, sealContext(id)) }
}

/**
 * Opens a key of the database. The public part is made from the private one, never read: who can write into the
 * database, but does not know the root secret, can plant no key of their own.
 *
 * @throws WrongRootSecretError when it was sealed under neither of the root secrets
 */
export function openKey(root: RootKeys, row: SealedKey): RingKey {
  const bytes = openSeal(root, row)
  const privateKey =
    row.algorithm === 'HS256' ? createSecretKey(bytes) : createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
  return ringKey(row, privateKey)
}

function openSeal({ keys, previousKeys }: RootKeys, { id, keyId, sealed }: SealedKey): Buffer {
  const { seal: key } = keyId === previousKeys?.id ? previousKeys : keys
  try {
    return unseal(key, sealed, sealContext(id))
  } catch (error) {
    throw new WrongRootSecretError(id, error)
  }
}

/** What a sealed key is bound to: it opens in its own row only. */
function sealContext(id: string): string {
  return `signing-key/${id}`
}
