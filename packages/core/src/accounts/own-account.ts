import type { Actor } from '../audit/origin.ts'
import { LatchkeyError } from '../errors.ts'

/**
 * Refuses what an admin may do to others, but to the own account only with its password: a stolen access token, which is
 * good for seconds, must not become an account that is taken over.
 *
 * @param way the call that asks for the password
 * @throws LatchkeyError `invalid_input`
 */
export function refuseOwnAccount({ kind, accountId }: Actor, id: number, way: string): void {
  if (kind !== 'admin' || accountId !== id) return
  const message = `This is your own account: that takes its password, by ${way}.`
  throw new LatchkeyError('invalid_input', { fields: [{ path: ['id'], code: 'own_account', message }] })
}
