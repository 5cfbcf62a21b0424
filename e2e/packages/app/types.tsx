// Only the compiler reads this file: it fails where a type is another, or `any`.
import {
  type AppRouter,
  createLatchkeyClient,
  isLatchkeyError,
  type Latchkey,
  type LatchkeyError,
  type LatchkeyErrorCode,
  type Result,
  type Session,
  type SessionEvent,
} from '@latchkey/client'
import type { CookieSession, createCookieSessions } from '@latchkey/client/cookies'
import {
  LatchkeyProvider,
  SignedIn,
  SignedOut,
  useLatchkey,
  type useSession,
  type useUser,
} from '@latchkey/client/react'
import { LatchkeyQueryProvider, useLatchkeyQueries } from '@latchkey/client/react-query'
import type { AccessClaims, createVerifier, TokenError, Verifier } from '@latchkey/verify'
import * as express from '@latchkey/verify/express'
import * as fastify from '@latchkey/verify/fastify'
import * as hono from '@latchkey/verify/hono'
import * as node from '@latchkey/verify/node'
import type { createTestIssuer, TestIssuer } from '@latchkey/verify/testing'
import * as trpc from '@latchkey/verify/trpc'
import { type QueryClient, useQuery } from '@tanstack/react-query'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'

/** Of the platform and of others: what lies in them is theirs. */
type Foreign = Headers | Request | Response | BodyInit | AbortSignal | URL | Error | Date

/** Where there is an `any` in a type: the paths of all, and `never` where there is none. */
type Anys<T, Path extends string, Depth extends 1[] = []> = 0 extends 1 & T
  ? Path
  : Depth['length'] extends 10
    ? never
    : T extends Foreign
      ? never
      : T extends (...args: infer Args) => infer Returned
        ? Anys<Args, `${Path}()`, [...Depth, 1]> | Anys<Returned, `${Path}()`, [...Depth, 1]>
        : T extends Promise<infer Value>
          ? Anys<Value, Path, [...Depth, 1]>
          : T extends readonly (infer Item)[]
            ? Anys<Item, `${Path}[]`, [...Depth, 1]>
            : T extends object
              ? { [Key in keyof T & string]: Anys<T[Key], `${Path}.${Key}`, [...Depth, 1]> }[keyof T & string]
              : never

type None<Paths extends never> = Paths
type Holds<T extends true> = T

export type NoAny = [
  None<Anys<inferRouterInputs<AppRouter>, 'inputs'>>,
  None<Anys<inferRouterOutputs<AppRouter>, 'outputs'>>,
  None<Anys<Omit<Latchkey, 'api'>, 'Latchkey'>>,
  None<Anys<Parameters<typeof createLatchkeyClient>, 'createLatchkeyClient'>>,
  None<Anys<typeof isLatchkeyError, 'isLatchkeyError'>>,
  None<Anys<Pick<LatchkeyError, 'code' | 'status' | 'requestId' | 'retryAfter' | 'fields' | 'conflict'>, 'error'>>,
  None<Anys<ConstructorParameters<typeof LatchkeyError>, 'LatchkeyError'>>,
  None<Anys<Result<Session>, 'Result'>>,
  None<Anys<typeof createCookieSessions, 'createCookieSessions'>>,
  None<Anys<CookieSession<AccessClaims>, 'CookieSession'>>,
  None<Anys<ReturnType<typeof useSession>, 'useSession'>>,
  None<Anys<ReturnType<typeof useUser>, 'useUser'>>,
  None<Anys<Omit<ReturnType<typeof useLatchkey>, 'api'>, 'useLatchkey'>>,
  None<Anys<typeof createVerifier, 'createVerifier'>>,
  None<Anys<Verifier, 'Verifier'>>,
  None<Anys<AccessClaims, 'claims'>>,
  None<Anys<Pick<TokenError, 'code' | 'reason'>, 'TokenError'>>,
  None<Anys<typeof createTestIssuer, 'createTestIssuer'>>,
  None<Anys<TestIssuer, 'TestIssuer'>>,
]

/** It finds those that are there: were it blind, this would not compile. */
type Rotten = { good: string; deep: { list: { bad: any }[] }; call: (good: string) => Promise<any> }
export type Finds = [
  Holds<Anys<Rotten, ''> extends '.deep.list[].bad' | '.call()' ? true : false>,
  Holds<'.deep.list[].bad' | '.call()' extends Anys<Rotten, ''> ? true : false>,
]

/** What an app writes. */
export async function use(latchkey: Latchkey): Promise<string> {
  const { data, error } = await latchkey.safe.login({ email: 'user@example.com', password: 'password' })
  if (error) return error.code satisfies LatchkeyErrorCode
  latchkey.on((event) => event satisfies SessionEvent)
  const { items } = await latchkey.api.admin.users.list.query({ state: 'active' })
  return `${data.userId satisfies number} ${items[0]?.role satisfies 'user' | 'admin' | undefined}`
}

/** What the compiler has to refuse. */
export async function refused(latchkey: Latchkey): Promise<void> {
  // @ts-expect-error a password is needed
  await latchkey.login({ email: 'user@example.com' })
  // @ts-expect-error there is no such field
  await latchkey.updateMe({ role: 'admin' })
  // @ts-expect-error there is no such event
  latchkey.on((event) => event === 'LOGGED_IN')
  // @ts-expect-error it is a query
  await latchkey.api.me.get.mutate()
  // @ts-expect-error there is no such procedure
  await latchkey.api.auth.nothing.query()
  // @ts-expect-error which server has to be said
  createLatchkeyClient({})
  // @ts-expect-error an error has none of these codes
  if (isLatchkeyError(latchkey) && latchkey.code === 'email_was_taken') throw latchkey
}

/** What a page writes. */
export function Page({ client, queryClient }: { client: Latchkey; queryClient: QueryClient }) {
  return (
    <LatchkeyQueryProvider client={client} queryClient={queryClient}>
      <SignedIn>
        <Sessions />
      </SignedIn>
      <SignedOut>Log in</SignedOut>
    </LatchkeyQueryProvider>
  )
}

function Sessions() {
  const { data } = useQuery(useLatchkeyQueries().me.sessions.list.queryOptions())
  return <LatchkeyProvider client={useLatchkey()}>{data?.items.length satisfies number | undefined}</LatchkeyProvider>
}

/** What a service writes. */
export const guards = (verifier: Verifier) => [
  express.requireToken(verifier),
  fastify.requireToken(verifier),
  hono.requireToken(verifier),
  node.requireToken(verifier, (_, response, claims) => void response.end(claims.username satisfies string)),
  trpc.requireToken(verifier),
]
