import { randomUUID } from 'node:crypto'
import { type AccessTokenSubject, issueAccessToken } from '../access-tokens/issue.ts'
import { normalizeEmail } from '../accounts/email.ts'
import { anyone, NO_ORIGIN, type Origin } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { accountKeyOf } from '../limits/account-key.ts'
import { issueDeviceProof, readDeviceProof } from '../limits/device-proof.ts'
import { type Point, pointsJson } from '../limits/shared-counters.ts'
import type { Login, TokenPair } from './pair.ts'

interface Candidate {
  id: number
  passwordHash: string
  active: boolean
}

const FIND = statement<Candidate>(
  'account.find-for-login',
  'select id, password_hash as "passwordHash", active from account where email_normal = $1',
)

/**
 * Opens a session, if the account is still active and its password still the one that was verified: hashing took
 * a while, and without this check under a lock 393 of 600 logins with the old password survived a change of password.
 *
 * The lock is `no key update`, not `share`: logins of one account queue up, so two of them never end each other's
 * surplus sessions in a different order (a deadlock), and a second locker needs no MultiXact. Each counts the sessions that
 * were there when it came, so that logins that race may leave one too many: the next login ends it.
 *
 * $1 account, $2 verified hash, $3 session, $4 selector's mac, $5 token's mac, $6 key id, $7 refresh lifetime in
 * seconds, $8 and $9 longest life of a login (user, admin) in seconds, $10 sessions an account may have, $11 now, $12 the
 * client's address, $13 its user agent, $14 the request's id, $15 the points that the attempt took, which go back.
 */
const OPEN = statement<AccessTokenSubject>(
  'session.open',
  `with t as (select coalesce($11::timestamptz, clock_timestamp()) as now),
  owner as (
    select id, username, t.now,
           t.now + make_interval(secs => case role when 'admin' then $9::float8 else $8::float8 end) as ends_by
      from account, t
     where id = $1 and active and password_hash = $2
       for no key update of account),
  surplus as (
    update session as s set ended_at = owner.now, end_reason = 'surplus'
      from owner
     where s.ended_at is null and s.id in (
           select live.id from session as live, owner
            where live.account_id = owner.id and live.ended_at is null and live.expires_at > owner.now
            order by live.rotated_at desc, live.id
           offset $10 - 1)),
  opened as (
    insert into session (id, account_id, key_id, created_at, ends_by, selector_mac, token_mac, rotated_at, expires_at,
                         address, last_address, user_agent)
    select $3, id, $6, now, ends_by, $4, $5, now, least(now + make_interval(secs => $7), ends_by),
           $12::text, $12::text, $13::text
      from owner
    returning id, account_id, created_at),
  recorded as (
    insert into audit_event (at, name, account_id, session_id, actor, actor_id, address, user_agent, request_id)
    select created_at, 'user.login.succeeded', account_id, id, 'owner', account_id, $12::text, $13::text, $14::text
      from opened)
  select opened.id as "sessionId", account_id as "accountId", created_at as now, owner.username,
         rate_limit_give_back($15::jsonb) as "givenBack"
    from opened, owner`,
)

const REHASH = statement(
  'account.rehash-password',
  'update account set password_hash = $3 where id = $1 and password_hash = $2',
)

/** What a login was counted as, and looks for. */
interface Attempt {
  emailNormal: string | undefined
  password: string
  points: Point[]
}

/**
 * Opens a session with e-mail and password. Whom no hash can be had for in time is sent away before anything is asked of the
 * database. It is counted before the password is checked, and no longer once it is right.
 *
 * Unknown account and wrong password cost the same and answer the same; that an account is disabled is told only to who
 * knows its password (OWASP ASVS 5, 6.3.8).
 *
 * @throws LatchkeyError `too_many_requests`, `invalid_credentials`, `account_disabled`, `busy`
 */
export async function login(
  core: Core,
  { email, password }: { email: string; password: string },
  origin: Origin = NO_ORIGIN,
): Promise<Login> {
  core.passwords.admit()
  const points = await core.limits.login(
    { accountKey: accountKeyOf(core.keysInForce(), email), deviceId: readDeviceProof(core, origin.device, email) },
    origin,
  )
  const attempt = { emailNormal: normalizeEmail(email), password, points }
  const open = () => tryTo(core, attempt, origin)
  const pair = (await open()) ?? (await open())
  if (pair === undefined) throw new LatchkeyError('invalid_credentials')
  core.counters.count('logins')
  core.observer.loggedIn('succeeded')
  return { ...pair, deviceProof: issueDeviceProof(core, origin.device, email) }
}

/** Undefined when the account changed meanwhile: perhaps another login only renewed its hash, so it is judged anew. */
async function tryTo(
  core: Core,
  { emailNormal, password, points }: Attempt,
  origin: Origin,
): Promise<TokenPair | undefined> {
  const { db, passwords, refreshTokens, settings, clock } = core
  const candidate = emailNormal === undefined ? undefined : await db.one(FIND, [emailNormal])
  const { matches, outdated } = await passwords
    .verify(password, candidate?.passwordHash)
    .catch(async (error: unknown) => {
      // Nothing was checked, so nothing was guessed.
      await core.limits.giveBack(points)
      throw error
    })
  if (candidate === undefined || !matches) throw await refused(core, 'invalid_credentials', candidate, origin)
  if (!candidate.active) throw await refused(core, 'account_disabled', candidate, origin)

  const refreshToken = refreshTokens.generate()
  const limits = settings.current()
  const opened = await db.one(OPEN, [
    candidate.id,
    candidate.passwordHash,
    randomUUID(),
    refreshToken.selectorMac,
    refreshToken.mac,
    refreshToken.keyId,
    limits.REFRESH_TOKEN_LIFETIME,
    limits.SESSION_MAX_LIFETIME,
    limits.ADMIN_SESSION_MAX_LIFETIME,
    limits.SESSIONS_PER_ACCOUNT_MAX,
    clock.sql(),
    origin.address,
    origin.userAgent,
    origin.requestId,
    pointsJson(points),
  ])
  if (opened === undefined) return undefined
  core.limits.givenBack(points)
  if (outdated) await rehash(core, candidate, password)
  return { accessToken: issueAccessToken(core, opened), refreshToken: refreshToken.reveal() }
}

/**
 * Records a login that is refused, in the same way for an account that is not there: it must not be told apart by time.
 * The address that was typed is not kept; people type passwords there.
 */
async function refused(
  core: Core,
  code: 'invalid_credentials' | 'account_disabled',
  candidate: Candidate | undefined,
  origin: Origin,
): Promise<LatchkeyError> {
  core.counters.count('logins_failed')
  core.observer.loggedIn('failed')
  const details = { reason: code }
  await record(core.db, core, {
    name: 'user.login.failed',
    actor: anyone(origin),
    accountId: candidate?.id ?? null,
    details,
  })
  return new LatchkeyError(code)
}

/** Brings an old hash up to the parameters in force. A login is not refused because that has to wait for the next one. */
async function rehash({ db, passwords, log }: Core, { id, passwordHash }: Candidate, password: string): Promise<void> {
  try {
    await db.many(REHASH, [id, passwordHash, await passwords.hash(password)])
  } catch (error) {
    log.warn({ err: error, accountId: id }, 'password hash not renewed')
  }
}
