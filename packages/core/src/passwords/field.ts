import { type FieldError, LatchkeyError } from '../errors.ts'

/**
 * For `catch` behind the policy or a check, where the caller knows the password under another name: what is said of
 * `password` is then said of that.
 */
export function underName(name: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof LatchkeyError) || error.fields === undefined) throw error
    const fields = error.fields.map((field): FieldError => ({ ...field, path: [name] }))
    throw new LatchkeyError(error.code, { fields })
  }
}
