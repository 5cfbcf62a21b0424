import type { AppRouter } from '@latchkey/api'
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client'

/** As many calls as the server takes in one request. */
const BATCH_MAX = 10

/** What {@link createLatchkeyClient} needs. */
export interface LatchkeyClientOptions {
  /** Where the server is: `https://auth.example.com`. */
  url: string
  /** The access token of the moment; asked for before each request. */
  accessToken?: () => string | undefined | Promise<string | undefined>
}

/** Every procedure of the server, typed by the server's own router; nothing is generated. */
export type LatchkeyClient = TRPCClient<AppRouter>

/**
 * Makes a client.
 *
 * @example
 * const latchkey = createLatchkeyClient({ url: 'http://localhost:8000', accessToken: () => tokens?.access_token })
 * const tokens = await latchkey.auth.login.mutate({ email: 'user@example.com', password: 'password' })
 */
export function createLatchkeyClient({ url, accessToken }: LatchkeyClientOptions): LatchkeyClient {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${url.replace(/\/$/, '')}/trpc`,
        maxItems: BATCH_MAX,
        async headers() {
          const token = await accessToken?.()
          return token === undefined ? {} : { authorization: `Bearer ${token}` }
        },
      }),
    ],
  })
}
