import { isDeepStrictEqual } from 'node:util'
import type { Core } from '../core.ts'
import { sqlState } from '../database/faults.ts'
import { LatchkeyError } from '../errors.ts'
import { assumedHashMs } from '../passwords/gate.ts'
import {
  countAccounts,
  countHashes,
  countRegistered,
  countRemovable,
  countSessions,
  countSessionsOf,
  countSurplus,
} from './figures.ts'
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
  tell: (core: Core, before: Values, after: Values) => Promise<Said>
}

const TELLINGS: Telling[] = [
  {
    names: ['ACCESS_TOKEN_LIFETIME'],
    async tell(core, { ACCESS_TOKEN_LIFETIME: before }, { ACCESS_TOKEN_LIFETIME: after }) {
      // A client that is in use refreshes about once in the life of its access token.
      const { live, used } = await countSessions(core, { usedSeconds: before })
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
    async tell(core, _, { REFRESH_TOKEN_LIFETIME: after }) {
      const { live, unused } = await countSessions(core, { unusedSeconds: after })
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
    async tell(core, _, { SESSION_MAX_LIFETIME: after }) {
      const live = await countSessionsOf(core, 'user')
      return {
        text: `Logins of users from now on end after ${durationText(after)} at the latest; ${count(live, 'live session')} of users ${keeps(live)} the end of the login.`,
        figures: { liveSessions: live },
      }
    },
  },
  {
    names: ['ADMIN_SESSION_MAX_LIFETIME'],
    async tell(core, _, { ADMIN_SESSION_MAX_LIFETIME: after }) {
      const live = await countSessionsOf(core, 'admin')
      return {
        text: `Logins of admins from now on end after ${durationText(after)} at the latest; ${count(live, 'live session')} of admins ${keeps(live)} the end of the login.`,
        figures: { liveSessions: live },
      }
    },
  },
  {
    names: ['SESSIONS_PER_ACCOUNT_MAX'],
    async tell(core, _, { SESSIONS_PER_ACCOUNT_MAX: most }) {
      const { accounts, sessions, withSessions } = await countSurplus(core, most)
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
    tell: (core, { SESSION_RETENTION: before }, { SESSION_RETENTION: after }) =>
      removal(core, 'sessions', before, after),
  },
  {
    names: ['REGISTRATION_OPEN'],
    async tell(core, _, { REGISTRATION_OPEN: open }) {
      const registered = await countRegistered(core)
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
    names: ['PASSWORD_LENGTH_MIN', 'PASSWORD_COMMON_REFUSED', 'PASSWORD_OWN_WORDS'],
    async tell(core) {
      const accounts = await countAccounts(core)
      return {
        text: `New passwords only; ${count(accounts, 'account')} ${keeps(accounts)} the password of now.`,
        figures: { accounts },
      }
    },
  },
  {
    names: ['PASSWORD_HASH_MEMORY', 'PASSWORD_HASH_ITERATIONS', 'PASSWORD_HASH_PARALLELISM'],
    async tell(core, before, after) {
      const { accounts, outdated } = await countHashes(core, after)
      const [from, to] = [hashMs(before), hashMs(after)]
      return {
        text:
          `One hash is expected to take ${shown(to)} ms, instead of ${shown(from)} ms. ` +
          `${shown(outdated)} of ${count(accounts, 'account')} would get a new hash at the next login.`,
        figures: { accounts, outdated, hashMsBefore: from, hashMsAfter: to },
      }
    },
  },
  {
    names: ['AUDIT_RETENTION'],
    tell: (core, { AUDIT_RETENTION: before }, { AUDIT_RETENTION: after }) =>
      removal(core, 'audit events', before, after),
  },
  {
    names: ['STATISTICS_RETENTION'],
    tell: (core, { STATISTICS_RETENTION: before }, { STATISTICS_RETENTION: after }) =>
      removal(core, 'statistics', before, after),
  },
]

/**
 * What a change would do, counted in the database now.
 *
 * @throws LatchkeyError `unavailable`, but not where it is only that counting takes too long
 */
export async function effectsOf(
  core: Core,
  { before, after, effective }: Pick<Plan, 'before' | 'after' | 'effective'>,
): Promise<Effect[]> {
  const isChanged = (name: SettingName) => !isDeepStrictEqual(before[name], after[name])
  const effects: Effect[] = []
  for (const { names, tell } of TELLINGS) {
    const setting = names.find(isChanged)
    if (setting !== undefined) effects.push({ setting, ...(await tell(core, before, after).catch(uncounted)) })
  }
  effects.push(...graceEffects(before, after, isChanged('REFRESH_GRACE')))
  for (const { name, until } of effective) {
    if (until !== undefined) effects.push({ setting: name, ...untilThen(until) })
  }
  if (effects.length === 0) effects.push({ text: 'What is in force stays as it is.', figures: {} })
  return effects
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

const REMOVED = { 'audit events': 'audit event', sessions: 'ended session', statistics: 'hourly figure' }

async function removal(core: Core, what: keyof typeof REMOVED, before: number, after: number): Promise<Said> {
  if (after > before) {
    return { text: 'What is there now is kept for longer; what has gone does not come back.', figures: {} }
  }
  const rows = await countRemovable(core, what, after)
  return {
    text: `${count(rows, REMOVED[what])} older than ${durationText(after)} would be removed within minutes.`,
    figures: { rows },
  }
}

const QUERY_CANCELED = '57014'

function uncounted(error: unknown): Said {
  if (!(error instanceof LatchkeyError) || sqlState(error.cause) !== QUERY_CANCELED) throw error
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
