import { asLatchkeyError } from './answer.ts'
import type { LatchkeyError } from './errors.ts'

/** What a call came to, without a throw. */
export type Result<Data> = { data: Data; error: null } | { data: null; error: LatchkeyError }

/** The same calls, each giving a {@link Result}. */
export type Safe<Calls> = {
  readonly [Name in keyof Calls]: Calls[Name] extends (...args: infer Args) => Promise<infer Data>
    ? (...args: Args) => Promise<Result<Data>>
    : Safe<Calls[Name]>
}

/** Makes the same calls, of which none throws. */
export function safely<Calls extends object>(calls: Calls): Safe<Calls> {
  return wrap(calls) as Safe<Calls>
}

/** Procedures are not listed anywhere: tRPC makes each when it is named. So this wraps whatever is named. */
function wrap(inner: object): object {
  return new Proxy(() => {}, {
    get(_, name) {
      const value: unknown = Reflect.get(inner, name)
      // Else an `await` would take this for a promise.
      if (name === 'then') return undefined
      return (typeof value === 'object' && value !== null) || typeof value === 'function' ? wrap(value) : value
    },
    async apply(_, __, args: unknown[]) {
      try {
        return { data: typeof inner === 'function' ? await inner(...args) : undefined, error: null }
      } catch (thrown) {
        return { data: null, error: asLatchkeyError(thrown) }
      }
    },
  })
}
