import type { Answer, Ask } from './http.ts'

/** What is measured: the calls of the contract, as each system names them. */
export const OPERATIONS = ['register', 'login', 'refresh', 'me', 'put'] as const

/** One of {@link OPERATIONS}. */
export type Operation = (typeof OPERATIONS)[number]

/** Somebody who uses a system. */
export interface User {
  email: string
  /** Of the newest login or refresh; what it is depends on the system. */
  accessToken: string
  refreshToken: string
  /** What was written last. */
  username: string
}

/** How a system is asked for one operation. @throws Error when the answer is not what it has to be */
export type Act = (ask: Ask, user: User) => Promise<void>

export const PASSWORD = 'correct horse battery'

let made = 0

/** Somebody new, without an account yet. */
export function newUser(): User {
  return { email: `user-${++made}-${process.pid}@example.com`, accessToken: '', refreshToken: '', username: '' }
}

/** The operations of the contract; ours, the bare one and the one by hand have the same. */
export const CONTRACT: Record<Operation, Act> = {
  async register(ask, user) {
    const { id } = expect(await ask('POST', '/api/register/', { body: { email: user.email, password: PASSWORD } }), 201)
    if (!Number.isInteger(Number(id))) throw new Error('a registration without an id')
  },
  async login(ask, user) {
    const body = { email: user.email, password: PASSWORD }
    keep(user, expect(await ask('POST', '/api/login/', { body }), 200))
  },
  async refresh(ask, user) {
    const before = user.refreshToken
    const body = { refresh_token: before }
    keep(user, expect(await ask('POST', '/api/refresh/', { body }), 200))
    if (user.refreshToken === before) throw new Error('a refresh gave the same token again')
  },
  async me(ask, user) {
    const me = expect(await ask('GET', '/api/me/', { token: user.accessToken }), 200)
    if (me['email'] !== user.email || me['username'] !== user.username) throw new Error('an account of somebody else')
  },
  async put(ask, user) {
    const username = `name-${++made}`
    const me = expect(await ask('PUT', '/api/me/', { token: user.accessToken, body: { username } }), 200)
    if (me['username'] !== username) throw new Error('a change that was not made')
    user.username = username
  },
}

/** Of better-auth: its session token is the only one, so that there is nothing to refresh. */
export const BETTER_AUTH: Partial<Record<Operation, Act>> = {
  async register(ask, user) {
    const body = { email: user.email, password: PASSWORD, name: 'nobody' }
    expect(await ask('POST', '/api/auth/sign-up/email', { body }), 200)
  },
  async login(ask, user) {
    const body = { email: user.email, password: PASSWORD }
    const { token } = expect(await ask('POST', '/api/auth/sign-in/email', { body }), 200)
    if (typeof token !== 'string') throw new Error('a login without a token')
    user.accessToken = token
  },
  async me(ask, user) {
    const { user: found } = expect(await ask('GET', '/api/auth/get-session', { token: user.accessToken }), 200)
    if (!isObject(found) || found['email'] !== user.email) throw new Error('an account of somebody else')
  },
  async put(ask, user) {
    const name = `name-${++made}`
    const body = { name }
    const { status } = expect(await ask('POST', '/api/auth/update-user', { token: user.accessToken, body }), 200)
    if (status !== true) throw new Error('a change that was not made')
  },
}

function expect({ status, text }: Answer, wanted: number): Record<string, unknown> {
  if (status !== wanted) throw new Error(`answered with ${status}, not ${wanted}: ${text.slice(0, 200)}`)
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new Error('answered with no object')
  return value
}

function keep(user: User, { access_token: access, refresh_token: refresh }: Record<string, unknown>): void {
  if (typeof access !== 'string' || typeof refresh !== 'string') throw new Error('an answer without tokens')
  user.accessToken = access
  user.refreshToken = refresh
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
