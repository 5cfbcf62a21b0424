import { LatchkeyError, type SpentLimit } from '../errors.ts'

/**
 * What somebody is told whom a limit refuses.
 *
 * @param seconds until the limit is free again; told as whole seconds, one at least
 */
export function refusal(limit: SpentLimit, seconds: number): LatchkeyError {
  return new LatchkeyError('too_many_requests', { retryAfter: Math.max(1, Math.ceil(seconds)), limit })
}
