import type { Latchkey, LatchkeyClientOptions } from './latchkey.ts'

/**
 * Makes a client, which keeps its session fresh by itself.
 *
 * @example
 * const latchkey = createLatchkeyClient({ url: 'http://localhost:8000' })
 * await latchkey.login({ email: 'user@example.com', password: 'password' })
 * console.log(await latchkey.me())
 */
export function createLatchkeyClient({ url }: LatchkeyClientOptions): Latchkey {
  throw new Error(`not yet: ${url}`)
}
