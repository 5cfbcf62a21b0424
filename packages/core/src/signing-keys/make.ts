import { createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { ALGORITHMS } from './algorithms.ts'
import { type RingKey, ringKey } from './ring-key.ts'
import type { SigningAlgorithm } from './signing-key.ts'

/**
 * Makes a new key; the database does not know of it yet. One whose id begins with `-`, as one in 64 does, is thrown away: an
 * operator in a hurry has to give it to a command, which would take it for an option.
 */
export async function makeKey(algorithm: SigningAlgorithm): Promise<RingKey> {
  for (;;) {
    const privateKey = await ALGORITHMS[algorithm].generate()
    const id = await keyId(privateKey)
    if (!id.startsWith('-')) return ringKey({ id, algorithm }, privateKey)
  }
}

/** The RFC 7638 thumbprint; random for a shared secret, whose thumbprint would be a hash of it to guess against. */
async function keyId(privateKey: KeyObject): Promise<string> {
  if (privateKey.type === 'secret') return randomUUID()
  return await calculateJwkThumbprint(createPublicKey(privateKey).export({ format: 'jwk' }))
}
