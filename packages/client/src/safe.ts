import type { LatchkeyError } from './errors.ts'

/** What a call came to, without a throw. */
export type Result<Data> = { data: Data; error: null } | { data: null; error: LatchkeyError }

/** The same calls, each giving a {@link Result}. */
export type Safe<Calls> = {
  readonly [Name in keyof Calls]: Calls[Name] extends (...args: infer Args) => Promise<infer Data>
    ? (...args: Args) => Promise<Result<Data>>
    : Safe<Calls[Name]>
}
