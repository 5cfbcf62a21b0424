import type { Latchkey, LatchkeyError, Result as Safe } from '@latchkey/client'

/** Only the compiler reads this file: it fails where a type is another, or `any`. */
type Same<A, B> = 0 extends 1 & A ? false : [A, B] extends [B, A] ? true : false
type Holds<T extends true> = T

type Result<Call extends (...args: never[]) => unknown> = Awaited<ReturnType<Call>>
type Auth = Latchkey['api']['auth']
type Me = Latchkey['api']['me']
type Tokens = { access_token: string; refresh_token: string }
type Profile = { id: number; username: string; email: string }
type Admin = Latchkey['api']['admin']
type Users = Result<Admin['users']['list']['query']>
type Settings = Result<Admin['settings']['list']['query']>
type Conflict = NonNullable<LatchkeyError['conflict']>

export type Proof = [
  Holds<Same<Result<Auth['register']['mutate']>, { id: number; email: string }>>,
  Holds<Same<Result<Auth['login']['mutate']>, Tokens>>,
  Holds<Same<Result<Auth['refresh']['mutate']>, Tokens>>,
  Holds<Same<Result<Auth['logout']['mutate']>, { success: 'User logged out.' }>>,
  Holds<Same<Result<Me['get']['query']>, Profile>>,
  Holds<Same<Result<Me['update']['mutate']>, Profile>>,
  Holds<Same<Result<Me['sessions']['endOthers']['mutate']>, { ended: number }>>,
  Holds<Same<Users['items'][number]['role'], 'user' | 'admin'>>,
  Holds<Same<Users['next'], string | null>>,
  Holds<Same<Settings['settings'][number]['source'], 'environment' | 'override' | 'revision' | 'default'>>,
  Holds<Same<Conflict['revision'], number>>,
  Holds<Same<Parameters<Admin['users']['show']['query']>[0], { id: number }>>,
  Holds<Same<Parameters<Auth['login']['mutate']>[0], { email: string; password: string }>>,
  Holds<Same<Result<Latchkey['me']>, Profile>>,
  Holds<Same<Result<Latchkey['sessions']['endOthers']>, number>>,
  Holds<Same<Result<Latchkey['safe']['me']>, Safe<Profile>>>,
  Holds<Same<Result<Latchkey['safe']['api']['me']['get']['query']>, Safe<Profile>>>,
  Holds<Same<LatchkeyError['status'], number | undefined>>,
  Holds<Same<LatchkeyError['retryAfter'], number | undefined>>,
  Holds<'email_taken' | 'offline' extends LatchkeyError['code'] ? true : false>,
  Holds<string extends LatchkeyError['code'] ? false : true>,
]

/** What the compiler has to refuse. */
export async function refused({ login, updateMe, api: { auth, me, admin } }: Latchkey): Promise<void> {
  // @ts-expect-error a password is needed
  await login({ email: 'user@example.com' })
  // @ts-expect-error there is no such field
  await updateMe({ role: 'admin' })
  // @ts-expect-error a password is needed
  await auth.login.mutate({ email: 'user@example.com' })
  // @ts-expect-error a token is a string
  await auth.refresh.mutate({ refresh_token: 1 })
  // @ts-expect-error there is no such field
  await me.update.mutate({ role: 'admin' })
  // @ts-expect-error it is a query
  await me.get.mutate()
  // @ts-expect-error no user is in such a state
  await admin.users.list.query({ state: 'asleep' })
  // @ts-expect-error which one has to be said
  await admin.users.delete.mutate({})
  // @ts-expect-error there is no such procedure
  await auth.nothing.query()
}
