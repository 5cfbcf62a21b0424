import { normalizeEmail } from '../accounts/email.ts'
import { type DerivedKeys, mac } from '../crypto.ts'

/**
 * What the attempts on an account are counted by: a MAC of the e-mail address in its normal form, whether there is such an
 * account or not. All that is written for one address counts as one, and no table tells whose address it is.
 *
 * @param email as it was typed; what is no address is counted as it stands
 */
export function accountKeyOf(keys: DerivedKeys, email: string): string {
  return mac(keys.limit, Buffer.from(normalizeEmail(email) ?? email.trim().toLowerCase())).toString('base64url')
}
