import type { LatchkeyErrorCode } from '@latchkey/client'
import { latchkey } from './start.ts'

const SENTENCES: Partial<Record<LatchkeyErrorCode, string>> = {
  invalid_credentials: 'Wrong e-mail or password.',
  account_disabled: 'This account is disabled.',
  offline: 'No connection.',
  timeout: 'No connection.',
}

/** Logs in, and gives what the form shows if that fails. */
export async function submit(email: string, password: string): Promise<string | undefined> {
  const { error } = await latchkey.safe.login({ email, password })
  if (error === null) return undefined
  if (error.retryAfter !== undefined) return `Try again in ${error.retryAfter} s.`
  return SENTENCES[error.code] ?? `Something went wrong (${error.code}, request ${error.requestId ?? 'unknown'}).`
}
