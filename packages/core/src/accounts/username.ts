import { LatchkeyError } from '../errors.ts'
import { USERNAME_MAX_LENGTH } from './account.ts'

/**
 * Checks a username that came another way than through the API, which has checked it: by a command, say. It stands in every
 * access token.
 *
 * @throws LatchkeyError `invalid_input`
 */
export function checkUsername(username: string): void {
  const fault =
    Array.from(username).length > USERNAME_MAX_LENGTH
      ? { code: 'username_too_long', message: `This may have up to ${USERNAME_MAX_LENGTH} characters.` }
      : username.isWellFormed() && !username.includes('\0')
        ? undefined
        : { code: 'username_malformed', message: 'This holds a NUL or half a character.' }
  if (fault !== undefined) throw new LatchkeyError('invalid_input', { fields: [{ path: ['username'], ...fault }] })
}
