import { isLatchkeyError, type LatchkeyError, type LatchkeyErrorCode } from '@latchkey/client'

const SENTENCES: Partial<Record<LatchkeyErrorCode, (error: LatchkeyError) => string>> = {
  invalid_credentials: () => 'E-mail or password is wrong.',
  account_disabled: () => 'This account is disabled.',
  registration_closed: () => 'There are no new accounts at the moment.',
  email_taken: () => 'There is an account with this e-mail already. Sign in instead.',
  invalid_input: ({ fields }) => fields?.[0]?.message ?? 'This cannot be used.',
  too_many_requests: ({ retryAfter = 60 }) => `Too many tries. The next one counts in ${retryAfter} s.`,
}

/** Why a call failed, for people. */
export function sayWhy(error: unknown): string {
  const sentence = isLatchkeyError(error) ? SENTENCES[error.code]?.(error) : undefined
  return sentence ?? 'There was no answer. Nobody is signed out by this: try again in a moment.'
}
