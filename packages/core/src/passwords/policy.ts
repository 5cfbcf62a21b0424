import { type FieldError, LatchkeyError } from '../errors.ts'
import type { SettingValues } from '../settings/registry.ts'
import { isCommon } from './common.ts'

/** The most code points of a password, after NFC. A longer one is refused, never cut short. */
export const PASSWORD_MAX_LENGTH = 128

/** A password that holds a word must have this many letters besides. */
const LETTERS_BESIDES_MIN = 4

/**
 * The form of a password that is measured and hashed: NFC, so that keyboards that compose letters differently agree.
 *
 * @throws LatchkeyError `invalid_input` when it is too long, or is no Unicode text
 */
export function normalizePassword(typed: string): string {
  const normal = typed.normalize('NFC')
  // All lone surrogates are the same bytes in UTF-8, and would be the same password.
  if (!normal.isWellFormed()) throw refused([fault('password_malformed', 'The password holds half a character.')])
  if (lengthOf(normal) > PASSWORD_MAX_LENGTH) {
    throw refused([fault('password_too_long', `The password may have at most ${PASSWORD_MAX_LENGTH} characters.`)])
  }
  return normal
}

/**
 * Checks a new password against the policy that the settings make. Length and lists only: rules about kinds of
 * characters make passwords worse (NIST SP 800-63B, 3.1.1.2).
 *
 * @param email the account's, as typed
 * @throws LatchkeyError `invalid_input`, naming every fault
 */
export async function checkPassword(values: Readonly<SettingValues>, typed: string, email: string): Promise<void> {
  const password = normalizePassword(typed)
  const faults: FieldError[] = []
  if (lengthOf(password) < values.PASSWORD_LENGTH_MIN) {
    faults.push(fault('password_too_short', `The password needs at least ${values.PASSWORD_LENGTH_MIN} characters.`))
  }
  if (values.PASSWORD_COMMON_REFUSED && (await isCommon(password))) {
    faults.push(fault('password_common', 'This password is among the first that attackers try.'))
  }
  if (values.PASSWORD_COMMON_REFUSED && isLittleBesides(password, wordsOf(email))) {
    faults.push(fault('password_email', 'The password is little more than the e-mail address.'))
  }
  if (isLittleBesides(password, values.PASSWORD_OWN_WORDS)) {
    faults.push(fault('password_own_word', 'The password is little more than a word that everybody here would try.'))
  }
  if (faults.length > 0) throw refused(faults)
}

/**
 * Whether a password is one of these words, or several, with digits, punctuation and less than four letters besides.
 * Letter case does not count. "Latchkey-2026!" is little besides "latchkey"; "latchkey under the mat" is more.
 */
function isLittleBesides(password: string, words: string[]): boolean {
  const whole = password.toLowerCase()
  const rest = words
    .map((word) => word.normalize('NFC').toLowerCase())
    .toSorted((a, b) => b.length - a.length) // "latchkey" must not be taken apart by "key"
    .reduce((left, word) => left.replaceAll(word, ' '), whole)
  return rest !== whole && (rest.match(/\p{L}/gu)?.length ?? 0) < LETTERS_BESIDES_MIN
}

/** The address and what stands before its @; one or two letters are no word. */
function wordsOf(email: string): string[] {
  const [local = ''] = email.split('@')
  return [email, local].filter((word) => word.length > 2)
}

function lengthOf(text: string): number {
  return Array.from(text).length
}

function fault(code: string, message: string): FieldError {
  return { path: ['password'], code, message }
}

function refused(fields: FieldError[]): LatchkeyError {
  return new LatchkeyError('invalid_input', { fields })
}
