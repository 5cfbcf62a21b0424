import { z } from 'zod'
import { SIGNING_ALGORITHMS } from '../signing-keys/signing-key.ts'
import { setting } from './setting.ts'

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** PostgreSQL takes neither half a character nor a zero one. */
const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0')

/** How often something may happen. A setting of 0 would lock everybody out, so there is none. */
const limit = (count: number, help: string) =>
  setting({ schema: z.int().min(1).max(1_000_000), default: count, unit: 'count', group: 'Limits', help })

/** Every live setting. Lifetimes are in seconds. */
export const REGISTRY = {
  ACCESS_TOKEN_LIFETIME: setting({
    schema: z.int().min(2).max(DAY),
    default: 30,
    unit: 'seconds',
    group: 'Tokens',
    help: 'How long an access token is accepted. It applies to tokens issued from then on.',
  }),
  REFRESH_TOKEN_LIFETIME: setting({
    schema: z
      .int()
      .min(MINUTE)
      .max(3650 * DAY),
    default: 30 * DAY,
    unit: 'seconds',
    group: 'Tokens',
    help: 'How long a refresh token can be exchanged. It counts anew from each refresh.',
  }),
  REFRESH_GRACE: setting({
    schema: z.int().min(0).max(60),
    default: 10,
    unit: 'seconds',
    group: 'Tokens',
    help: 'How long the parent of a refresh token still gets the same successor (second tab, lost reply). In force is this or a third of ACCESS_TOKEN_LIFETIME, whichever is smaller.',
  }),
  SESSION_MAX_LIFETIME: setting({
    schema: z
      .int()
      .min(5 * MINUTE)
      .max(3650 * DAY),
    default: 365 * DAY,
    unit: 'seconds',
    group: 'Sessions',
    help: 'The absolute end of a login, however often it is refreshed.',
  }),
  ADMIN_SESSION_MAX_LIFETIME: setting({
    schema: z
      .int()
      .min(5 * MINUTE)
      .max(30 * DAY),
    default: 12 * 3600,
    unit: 'seconds',
    group: 'Sessions',
    help: 'The absolute end of the login of an admin.',
  }),
  SESSIONS_PER_ACCOUNT_MAX: setting({
    schema: z.int().min(1).max(1000),
    default: 50,
    unit: 'count',
    group: 'Sessions',
    help: 'How many live sessions an account may have. One more login ends the session that was unused for longest.',
  }),
  SESSION_RETENTION: setting({
    schema: z
      .int()
      .min(0)
      .max(365 * DAY),
    default: 7 * DAY,
    unit: 'seconds',
    group: 'Sessions',
    help: 'How long the row of an ended or expired session is kept for operators to look at.',
  }),
  REGISTRATION_OPEN: setting({
    schema: z.boolean(),
    default: true,
    group: 'Accounts',
    help: 'Whether anybody may register an account.',
  }),
  SIGNING_ALGORITHM: setting({
    schema: z.enum(SIGNING_ALGORITHMS),
    default: SIGNING_ALGORITHMS[0],
    group: 'Keys',
    help: 'What new access tokens are signed with. A change is a rotation like any other. HS256 fits only where nobody else checks tokens: its secret never leaves the server.',
  }),
  KEY_ROTATION_INTERVAL: setting({
    schema: z
      .int()
      .min(HOUR)
      .max(3650 * DAY),
    default: 90 * DAY,
    unit: 'seconds',
    group: 'Keys',
    help: 'How long one key signs access tokens before the next one takes over. Nobody is logged out by it.',
  }),
  JWKS_MAX_AGE: setting({
    schema: z.int().min(1).max(DAY),
    default: 5 * MINUTE,
    unit: 'seconds',
    group: 'Keys',
    help: 'How long others may keep our public keys before they ask again. A new key waits for that long before it signs, and a compromised one may be believed for that long elsewhere.',
  }),
  CLOCK_SKEW: setting({
    schema: z.int().min(0).max(HOUR),
    default: MINUTE,
    unit: 'seconds',
    group: 'Keys',
    help: 'How far off the clocks of services that check tokens may be: keys are published for that much longer. This server itself allows for none.',
  }),
  PASSWORD_LENGTH_MIN: setting({
    schema: z.int().min(8).max(64),
    default: 8,
    productionDefault: 15,
    unit: 'characters',
    group: 'Passwords',
    help: 'The fewest characters of a new password. 15 where a password is all that guards an account (NIST SP 800-63B), 8 at the least.',
  }),
  PASSWORD_COMMON_REFUSED: setting({
    schema: z.boolean(),
    default: false,
    productionDefault: true,
    group: 'Passwords',
    help: 'Whether new passwords that stand on the list of common passwords are refused.',
  }),
  PASSWORD_OWN_WORDS: setting({
    schema: z.array(z.string().min(3).max(64).refine(isStorable)).max(100),
    default: [],
    group: 'Passwords',
    help: 'Words that a new password may not consist of, such as the name of your service.',
  }),
  PASSWORD_HASH_MEMORY: setting({
    schema: z.int().min(7168).max(1_048_576),
    default: 19_456,
    unit: 'KiB',
    group: 'Passwords',
    help: 'Memory of one argon2id hash. Existing hashes are brought up at the next login.',
  }),
  PASSWORD_HASH_ITERATIONS: setting({
    schema: z.int().min(1).max(10),
    default: 2,
    unit: 'count',
    group: 'Passwords',
    help: 'Passes of one argon2id hash over its memory.',
  }),
  PASSWORD_HASH_PARALLELISM: setting({
    schema: z.int().min(1).max(4),
    default: 1,
    unit: 'count',
    group: 'Passwords',
    help: 'Lanes of one argon2id hash.',
  }),
  LOGIN_FAILURES_PER_MINUTE: limit(5, 'Failed logins a minute to one account from one address (IPv6: from one /56).'),
  LOGIN_FAILURES_PER_HOUR: limit(20, 'Failed logins an hour to one account from one address (IPv6: from one /56).'),
  LOGIN_FAILURES_UNKNOWN_PER_MINUTE: limit(
    10,
    'Failed logins a minute to one account from all devices that it does not know. Beyond, each address has to wait before it may try: never a lock.',
  ),
  LOGIN_FAILURES_UNKNOWN_PER_DAY: limit(
    100,
    'Failed logins a day to one account from all devices that it does not know. Beyond, each address has to wait before it may try: never a lock.',
  ),
  LOGIN_DELAY_MAX: setting({
    schema: z.int().min(1).max(DAY),
    default: 15 * MINUTE,
    unit: 'seconds',
    group: 'Limits',
    help: 'The longest that an address has to wait where the failed logins of unknown devices are spent. It begins with 30 seconds and doubles with each more that has to wait.',
  }),
  LOGIN_FAILURES_DEVICE_PER_MINUTE: limit(
    10,
    'Failed logins a minute from one device that the account knows. Nothing that others do counts here: the owner always gets in.',
  ),
  LOGIN_FAILURES_PREFIX_PER_MINUTE: limit(
    30,
    'Failed logins a minute from one address (IPv6: from one /56), whatever the accounts.',
  ),
  REGISTRATIONS_PER_HOUR: limit(10, 'Registrations an hour from one address (IPv6: from one /56).'),
  REFRESHES_PER_MINUTE: limit(30, 'Refreshes a minute of one session, on each instance.'),
  REFRESHES_UNKNOWN_PER_MINUTE: limit(
    60,
    'Refreshes a minute with refresh tokens that belong to no session, from one address (IPv6: from one /56), on each instance.',
  ),
  AUDIT_RETENTION: setting({
    schema: z
      .int()
      .min(DAY)
      .max(3650 * DAY),
    default: 400 * DAY,
    unit: 'seconds',
    group: 'Audit',
    help: 'How long audit events are kept. They go by whole months, so some stay up to a month longer.',
  }),
  STATISTICS_RETENTION: setting({
    schema: z
      .int()
      .min(DAY)
      .max(3650 * DAY),
    default: 90 * DAY,
    unit: 'seconds',
    group: 'Audit',
    help: 'How long the figures of each hour are kept.',
  }),
}

type Registry = typeof REGISTRY

/** The name of a setting. */
export type SettingName = keyof Registry

/** A value for every setting. */
export type SettingValues = { [Name in SettingName]: Registry[Name]['default'] }

/** A value of any setting. */
export type SettingValue = SettingValues[SettingName]

/** All names, in the order of declaration. */
export const SETTING_NAMES = Object.keys(REGISTRY) as SettingName[]

/** Whether this version has a setting of that name. */
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(REGISTRY, name)
