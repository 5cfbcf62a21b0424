import type { Command } from 'commander'
import { askToken } from './ask.ts'
import { command, group, type JsonOption } from './define.ts'
import { refused } from './exit.ts'
import { answer, note, printFields, whenExactly } from './output.ts'
import { type Opened, withCore } from './with-core.ts'

/** `latchkey token …`. A token is a secret: it is read from stdin or a hidden prompt, and there is no argument for it. */
export function registerToken(program: Command): void {
  const token = group(program, 'token', 'look into access tokens')
  command(token, 'inspect', {
    summary: 'show what an access token says, without checking it',
    details: 'The token is asked for, or read from stdin: whoever sees the arguments of a process could use it.',
    examples: ['latchkey token inspect', 'pbpaste | latchkey token inspect --json'],
  }).action(inspect)
  command(token, 'verify', {
    summary: 'check an access token against the keys and its session',
    details:
      'As a server with the same environment would: signature, issuer, audience, expiry; and whether its session lives.',
    examples: ['latchkey token verify', 'latchkey token verify --json < token.txt'],
  }).action((options: JsonOption) =>
    withCore(async (opened) => verify(opened, await askToken(), options), { schema: 'current' }),
  )
}

async function inspect(options: JsonOption): Promise<void> {
  const { header, payload } = decoded(await askToken())
  answer(options, { header, payload, checked: false }, () => printFields([...fieldsOf(header), ...fieldsOf(payload)]))
  note('Not checked: anybody could have written this. To check it: latchkey token verify')
}

async function verify(opened: Opened, token: string, options: JsonOption): Promise<void> {
  const { core, domain } = opened
  const ring = await domain.readRing(core)
  if (ring === undefined)
    throw refused('There is no signing key yet, so no token can be right: the first start makes one.')
  const claims = await checked({ ...opened, core: { ...core, ring } }, token)
  const sessions = await domain.listOwnSessions(core, claims).catch((error: unknown) => {
    throw error instanceof domain.LatchkeyError && error.code === 'invalid_token'
      ? refused('The token is right, but its session has ended or its account may not log in.')
      : error
  })
  const session = sessions.find(({ current }) => current)
  const { accountId, sessionId, username, issuedAt, expiresAt, id } = claims
  const document = {
    user_id: accountId,
    session_id: sessionId,
    username,
    issued_at: issuedAt,
    expires_at: expiresAt,
    jti: id,
    session_ends_by: session?.endsBy ?? null,
  }
  answer(options, document, () => {
    printFields([
      ['User id', String(accountId)],
      ['Username', username],
      ['Session', sessionId],
      ['Issued', whenExactly(issuedAt)],
      ['Expires', whenExactly(expiresAt)],
    ])
    note('The token is right, and its session lives.')
  })
}

/** @throws CommandError refused, with the reason where the payload tells one */
async function checked({ core, domain }: Opened, token: string) {
  try {
    return domain.checkAccessToken(core, token)
  } catch (error) {
    if (!(error instanceof domain.LatchkeyError)) throw error
    if (error.code === 'token_expired') throw refused('The token is right, but has expired.')
    throw refused(`The token is not one of this service.${mismatchOf(core, token)}`)
  }
}

/** What an operator stumbles over: a command whose environment is not that of the server. */
function mismatchOf({ issuer, audience }: Opened['core'], token: string): string {
  const { iss, aud } = payloadIfAny(token)
  if (iss !== undefined && iss !== issuer) {
    return ` Its issuer is ${JSON.stringify(iss)}; here it is ${JSON.stringify(issuer)} (PUBLIC_URL, PORT).`
  }
  if (aud !== audience) return ` Its audience is ${JSON.stringify(aud)}; here it is ${audience} (LATCHKEY_AUDIENCE).`
  return ''
}

function payloadIfAny(token: string): Record<string, unknown> {
  try {
    return decoded(token).payload
  } catch {
    return {}
  }
}

interface Decoded {
  header: Record<string, unknown>
  payload: Record<string, unknown>
}

/** @throws CommandError refused when it is no JWT */
function decoded(token: string): Decoded {
  const [header, payload] = token.split('.').slice(0, 2).map(objectIn)
  if (header === undefined || payload === undefined || token.split('.').length !== 3) {
    throw refused('This is no access token (a JWT has three parts). A refresh token says nothing by itself.')
  }
  return { header, payload }
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const TIMES = new Set(['iat', 'nbf', 'exp'])

function fieldsOf(claims: Record<string, unknown>): [string, string][] {
  return Object.entries(claims).map(([name, value]) => [name, shown(name, value)])
}

function shown(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  const text = JSON.stringify(value)
  return TIMES.has(name) && typeof value === 'number' && Math.abs(value) < 8.64e12
    ? `${text} (${whenExactly(new Date(value * 1000))})`
    : text
}
