import { randomBytes } from 'node:crypto'

const SALT_BYTES = 16
const HASH_BYTES = 32

/** What one argon2id hash costs (RFC 9106). */
export interface HashParameters {
  memoryKiB: number
  iterations: number
  parallelism: number
}

/** An implementation of argon2id that writes and reads PHC strings. Each reads those of the others. */
export interface Argon2 {
  hash(password: Buffer, parameters: HashParameters): Promise<string>
  /** @throws Error when `phc` is not a PHC string */
  verify(phc: string, password: Buffer): Promise<boolean>
}

/** `argon2`, the reference implementation in C: 18-19 ms of CPU for 19 MiB and two passes. Runs everywhere. */
export async function loadReference(): Promise<Argon2> {
  const { argon2id, hash, verify } = await import('argon2')
  return {
    hash: (password, { memoryKiB, iterations, parallelism }) =>
      hash(password, {
        type: argon2id,
        memoryCost: memoryKiB,
        timeCost: iterations,
        parallelism,
        hashLength: HASH_BYTES,
      }),
    verify,
  }
}

/** `@node-rs/argon2`, in Rust: 8 ms for the same hash. Has no binary for some platforms. argon2id is its default. */
export async function loadFast(): Promise<Argon2> {
  const { hash, verify } = await import('@node-rs/argon2')
  return {
    hash: (password, { memoryKiB, iterations, parallelism }) =>
      hash(password, { memoryCost: memoryKiB, timeCost: iterations, parallelism, outputLen: HASH_BYTES }),
    verify,
  }
}

/** The faster implementation where its binary loads, else the one that always does. */
export const argon2: Argon2 = await loadFast().catch(loadReference)

/** Whether a hash was made with other parameters than these, so that the next login should replace it. */
export function needsRehash(phc: string, { memoryKiB, iterations, parallelism }: HashParameters): boolean {
  const [, algorithm, version, costs = ''] = phc.split('$')
  // The implementations write m, t and p in different orders.
  const current = [`m=${memoryKiB}`, `t=${iterations}`, `p=${parallelism}`]
  return (
    algorithm !== 'argon2id' || version !== 'v=19' || costs.split(',').toSorted().join() !== current.toSorted().join()
  )
}

/**
 * A hash that no password is known to match and that costs as much to check as a real one: random bytes stand where
 * the result would. Making it costs nothing.
 */
export function unmatchableHash({ memoryKiB, iterations, parallelism }: HashParameters): string {
  const [salt, result] = [SALT_BYTES, HASH_BYTES].map(randomBase64)
  return `$argon2id$v=19$m=${memoryKiB},t=${iterations},p=${parallelism}$${salt}$${result}`
}

/** Without padding, as PHC strings have it. */
function randomBase64(bytes: number): string {
  return randomBytes(bytes).toString('base64').replaceAll('=', '')
}
