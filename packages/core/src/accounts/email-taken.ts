import { sqlState } from '../database/faults.ts'
import { LatchkeyError } from '../errors.ts'

const UNIQUE_VIOLATION = '23505'

/** For `catch` behind a statement that writes an address: the only thing of an account that is unique. */
export function emailTaken(error: unknown): never {
  throw sqlState(error) === UNIQUE_VIOLATION ? new LatchkeyError('email_taken', { cause: error }) : error
}
