import { isDeepStrictEqual } from 'node:util'
import type { Core } from '../core.ts'
import { assumedHashMs } from '../passwords/gate.ts'
import { type Counting, createCounting, isTooMuch } from './counting.ts'
import type { Plan } from './plan.ts'
import type { SettingName, SettingValues } from './registry.ts'
import { graceOf } from './snapshot.ts'
import { durationText } from './text.ts'

/** What follows from a change, with the figures that its sentence names. */
export interface Effect {
  /** The setting that it follows from, where it is one. */
  setting?: SettingName
  text: string
  figures: Record<string, number>
}

/** A sentence and its figures. */
interface Said {
  text: string
  figures: Record<string, number>
}

type Values = Readonly<SettingValues>

/** What a change of any of these settings does, told once for all of them. */
interface Telling {
  names: SettingName[]
  tell: (counting: Counting, before: Values, after: Values) => Promise<Said>
}

const TELLINGS: Telling[] = [
  {
    names: ['ACCESS_TOKEN_LIFETIME'],
    async tell(counting, { ACCESS_TOKEN_LIFETIME: before }, { ACCESS_TOKEN_LIFETIME: after }) {
      const { live, used } = await counting.sessions()
      const [from, to] = [perSecond(used, before), perSecond(used, after)]
      return {
        text:
          'New access tokens only; those that are out keep their own end. ' +
          `${shown(used)} of ${count(live, 'live session')} ${was(used)} used within the last ${durationText(before)}: ` +
          `they refresh about ${to} times a second then, instead of ${from}.`,
        figures: {
          liveSessions: live,
          usedSessions: used,
          refreshesPerSecondBefore: from,
          refreshesPerSecondAfter: to,
        },
      }
    },
  },
  {
    names: ['REFRESH_TOKEN_LIFETIME'],
    async tell(counting, _, { REFRESH_TOKEN_LIFETIME: after }) {
      const { live, unused } = await counting.sessions()
      return {
        text:
          'New refresh tokens only: each session takes the new lifetime at its next refresh. ' +
          `${shown(unused)} of ${count(live, 'live session')} ${was(unused)} unused for longer than ${durationText(after)}.`,
        figures: { liveSessions: live, unusedSessions: unused },
      }
    },
  },
  {
    names: ['SESSION_MAX_LIFETIME'],
    async tell(counting, _, { SESSION_MAX_LIFETIME: after }) {
      const figures = await counting.sessions()
      const live = figures.live - figures.ofAdmins
      return {
        text: `Logins of users from now on end after ${durationText(after)} at the latest; ${count(live, 'live session')} of users ${keeps(live)} the end of the login.`,
        figures: { liveSessions: live },
      }
    },
  },
  {
    names: ['ADMIN_SESSION_MAX_LIFETIME'],
    async tell(counting, _, { ADMIN_SESSION_MAX_LIFETIME: after }) {
      const { ofAdmins: live } = await counting.sessions()
      return {
        text: `Logins of admins from now on end after ${durationText(after)} at the latest; ${count(live, 'live session')} of admins ${keeps(live)} the end of the login.`,
        figures: { liveSessions: live },
      }
    },
  },
  {
    names: ['SESSIONS_PER_ACCOUNT_MAX'],
    async tell(counting, _, { SESSIONS_PER_ACCOUNT_MAX: most }) {
      const { withMore: accounts, surplus: sessions, withSessions } = await counting.sessions()
      return {
        text:
          `${shown(accounts)} of ${count(withSessions, 'account')} with live sessions ${accounts === 1 ? 'has' : 'have'} more than ${shown(most)}: ` +
          `${count(sessions, 'session')} would end at the next logins, those that were unused for longest.`,
        figures: { accounts, sessions, accountsWithSessions: withSessions },
      }
    },
  },
  {
    names: ['SESSION_RETENTION'],
    tell: (counting, { SESSION_RETENTION: before }, { SESSION_RETENTION: after }) =>
      removal('ended session', before, after, async () => (await counting.sessions()).removable),
  },
  {
    names: ['REGISTRATION_OPEN'],
    async tell(counting, _, { REGISTRATION_OPEN: open }) {
      const { registered } = await counting.accounts()
      const what = open
        ? 'Anybody may register an account.'
        : 'Nobody may register any more; admins still make accounts.'
      return {
        text: `${what} ${count(registered, 'account')} ${was(registered)} made within the last 24 hours.`,
        figures: { accountsOfLastDay: registered },
      }
    },
  },
  {
    names: ['SIGNING_ALGORITHM'],
    tell: (_, before, { SIGNING_ALGORITHM: algorithm, JWKS_MAX_AGE: maxAge }) =>
      Promise.resolve({
        text:
          `A key for ${algorithm} is made and published at once. It signs once nobody can be left who has not seen it, in about ${durationText(Math.max(before.JWKS_MAX_AGE, maxAge))}. ` +
          'Tokens that are out keep their own end; nobody is logged out.',
        figures: {},
      }),
  },
  {
    names: ['KEY_ROTATION_INTERVAL'],
    tell: (_, __, { KEY_ROTATION_INTERVAL: after }) =>
      Promise.resolve({
        text: `The key that signs hands over to the next one ${durationText(after)} after it began; at once where that is over already.`,
        figures: {},
      }),
  },
  {
    names: ['JWKS_MAX_AGE', 'CLOCK_SKEW'],
    tell: (_, before, after) =>
      Promise.resolve({
        text: `A new key is published for ${durationText(Math.max(before.JWKS_MAX_AGE, after.JWKS_MAX_AGE))} or a little more before it signs. After a compromise, services elsewhere may believe the old key for up to ${durationText(after.JWKS_MAX_AGE)}. One that no longer signs stays published until its last token has run out, and ${durationText(after.CLOCK_SKEW)} longer.`,
        figures: {},
      }),
  },
  {
    names: ['PASSWORD_LENGTH_MIN', 'PASSWORD_COMMON_REFUSED', 'PASSWORD_OWN_WORDS'],
    async tell(counting) {
      const { accounts } = await counting.accounts()
      return {
        text: `New passwords only; ${count(accounts, 'account')} ${keeps(accounts)} the password of now.`,
        figures: { accounts },
      }
    },
  },
  {
    names: ['PASSWORD_HASH_MEMORY', 'PASSWORD_HASH_ITERATIONS', 'PASSWORD_HASH_PARALLELISM'],
    async tell(counting) {
      const { accounts, outdated } = await counting.accounts()
      return {
        text: `${shown(outdated)} of ${count(accounts, 'account')} would get a new hash at the next login.`,
        figures: { accounts, outdated },
      }
    },
  },
  {
    names: [
      'LOGIN_FAILURES_PER_MINUTE',
      'LOGIN_FAILURES_PER_HOUR',
      'LOGIN_FAILURES_UNKNOWN_PER_MINUTE',
      'LOGIN_FAILURES_UNKNOWN_PER_DAY',
      'LOGIN_DELAY_MAX',
      'LOGIN_FAILURES_DEVICE_PER_MINUTE',
      'LOGIN_FAILURES_PREFIX_PER_MINUTE',
      'REGISTRATIONS_PER_HOUR',
      'REFRESHES_PER_MINUTE',
      'REFRESHES_UNKNOWN_PER_MINUTE',
    ],
    tell: () =>
      Promise.resolve({
        text: 'It holds from the next attempt on, on every instance. What was counted before counts on.',
        figures: {},
      }),
  },
  {
    names: ['AUDIT_RETENTION'],
    tell: (counting, { AUDIT_RETENTION: before }, { AUDIT_RETENTION: after }) =>
      removal('audit event', before, after, () => counting.removable('audit events', after)),
  },
  {
    names: ['STATISTICS_RETENTION'],
    tell: (counting, { STATISTICS_RETENTION: before }, { STATISTICS_RETENTION: after }) =>
      removal('hourly figure', before, after, () => counting.removable('statistics', after)),
  },
]

/**
 * What a change would do, counted in the database now: all of it at once.
 *
 * @param deadline until when counting may take, in the time of `performance.now()`
 * @throws LatchkeyError `unavailable`, but not where it is only that counting takes too long
 */
export async function effectsOf(
  core: Core,
  { before, after, effective }: Pick<Plan, 'before' | 'after' | 'effective'>,
  deadline: number,
): Promise<Effect[]> {
  const isChanged = (name: SettingName) => !isDeepStrictEqual(before[name], after[name])
  const counting = createCounting(core, { before, after, isChanged }, deadline)
  const effects = await Promise.all(
    TELLINGS.flatMap(({ names, tell }) => {
      const setting = names.find(isChanged)
      return setting === undefined ? [] : tellOf(setting, tell(counting, before, after))
    }),
  )
  effects.push(...hashEffects(before, after))
  effects.push(...graceEffects(before, after, isChanged('REFRESH_GRACE')))
  for (const { name, until } of effective) {
    if (until !== undefined) effects.push({ setting: name, ...untilThen(until) })
  }
  if (effects.length === 0) effects.push({ text: 'What is in force stays as it is.', figures: {} })
  return effects
}

async function tellOf(setting: SettingName, telling: Promise<Said>): Promise<Effect> {
  return { setting, ...(await telling.catch(uncounted)) }
}

/** How long one hash takes, where that changes: it is what a login waits for, and needs no counting. */
function hashEffects(before: Values, after: Values): Effect[] {
  const [from, to] = [hashMs(before), hashMs(after)]
  if (from === to) return []
  const setting = before.PASSWORD_HASH_MEMORY === after.PASSWORD_HASH_MEMORY ? 'ITERATIONS' : 'MEMORY'
  return [
    {
      setting: `PASSWORD_HASH_${setting}`,
      text: `One hash, and with it a login, is expected to take ${shown(to)} ms, instead of ${shown(from)} ms.`,
      figures: { hashMsBefore: from, hashMsAfter: to },
    },
  ]
}

/** It follows from two settings, and is told where it changes, or does not although REFRESH_GRACE does. */
function graceEffects(before: Values, after: Values, isChanged: boolean): Effect[] {
  const [from, to] = [graceOf(before), graceOf(after)]
  if (from === to && !isChanged) return []
  const why = to < after.REFRESH_GRACE ? 'a third of ACCESS_TOKEN_LIFETIME' : 'REFRESH_GRACE'
  const how = from === to ? `stays ${rounded(to)}s` : `goes from ${rounded(from)}s to ${rounded(to)}s`
  return [
    {
      setting: 'REFRESH_GRACE',
      text: `The grace in force ${how}: ${why} (the smaller of REFRESH_GRACE and a third of ACCESS_TOKEN_LIFETIME).`,
      figures: { graceSecondsBefore: rounded(from), graceSecondsAfter: rounded(to) },
    },
  ]
}

function untilThen(until: Date): Said {
  return { text: `It ends by itself at ${until.toISOString()}; then the value before is in force again.`, figures: {} }
}

async function removal(thing: string, before: number, after: number, countRows: () => Promise<number>): Promise<Said> {
  if (after > before) {
    return { text: 'What is there now is kept for longer; what has gone does not come back.', figures: {} }
  }
  const rows = await countRows()
  return {
    text: `${count(rows, thing)} older than ${durationText(after)} would be removed within minutes.`,
    figures: { rows },
  }
}

function uncounted(error: unknown): Said {
  if (!isTooMuch(error)) throw error
  return { text: 'There is too much to count within two seconds, so no figures are given.', figures: {} }
}

const rounded = (value: number): number => Math.round(value * 10) / 10

const perSecond = (sessions: number, lifetimeSeconds: number): number => rounded(sessions / lifetimeSeconds)

const hashMs = (values: Values): number =>
  Math.round(
    assumedHashMs({
      memoryKiB: values.PASSWORD_HASH_MEMORY,
      iterations: values.PASSWORD_HASH_ITERATIONS,
      parallelism: values.PASSWORD_HASH_PARALLELISM,
    }),
  )

const shown = (figure: number): string => figure.toLocaleString('en-US')

const count = (figure: number, thing: string): string => `${shown(figure)} ${thing}${figure === 1 ? '' : 's'}`

const was = (figure: number): string => (figure === 1 ? 'was' : 'were')

const keeps = (figure: number): string => (figure === 1 ? 'keeps' : 'keep')
