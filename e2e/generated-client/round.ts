// Runs beside the client that orval makes of a server's document: nothing here knows Latchkey's own packages.
import { authLogin, authLogout, authRefresh, authRegister, meGet, meUpdate } from './latchkey.ts'

/** The whole life of a session: register, log in, look, change, refresh, log out. */
export async function goRound(account: { email: string; password: string }) {
  const { id } = success(201, await authRegister(account))
  const again = await authRegister(account)
  const login = success(200, await authLogin(account))
  const before = success(200, await meGet(bearer(login.access_token)))
  const changed = success(200, await meUpdate({ username: 'John Smith' }, bearer(login.access_token)))
  const next = success(200, await authRefresh({ refresh_token: login.refresh_token }))
  const after = success(200, await meGet(bearer(next.access_token)))
  const { success: goodbye } = success(200, await authLogout({ refresh_token: next.refresh_token }))
  const afterwards = await authRefresh({ refresh_token: next.refresh_token })
  return {
    isSameAccount: before.id === id && after.id === id,
    usernames: [before.username, changed.username, after.username],
    isNewToken: next.refresh_token !== login.refresh_token,
    goodbye,
    // Each status has the codes of its own: the compiler knows that a 409 is this one.
    taken: again.status === 409 ? (again.data.code satisfies 'email_taken') : undefined,
    ended: afterwards.status === 401 ? (afterwards.data.code satisfies 'invalid_refresh_token') : undefined,
  }
}

/** What the compiler has to refuse. */
export async function refused(): Promise<void> {
  // @ts-expect-error a password is needed
  await authLogin({ email: 'user@example.com' })
  // @ts-expect-error a token is a string
  await authRefresh({ refresh_token: 1 })
  const me = await meGet()
  // @ts-expect-error what came back may be a refusal, which has no such field
  void me.data.username
}

type Answer = { status: number; data: unknown }

/** What came back, if it is what was hoped for. */
function success<A extends Answer, S extends A['status']>(status: S, answer: A): Extract<A, { status: S }>['data'] {
  if (hasStatus(answer, status)) return answer.data
  throw new Error(`${answer.status} instead of ${status}: ${JSON.stringify(answer.data)}`)
}

function hasStatus<A extends Answer, S extends number>(answer: A, status: S): answer is Extract<A, { status: S }> {
  return answer.status === status
}

function bearer(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } }
}
