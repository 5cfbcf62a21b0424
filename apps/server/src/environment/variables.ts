import { itemsOf, switchOf } from '@latchkey/core'
import { z } from 'zod'
import { SECRET_LENGTH_MIN } from '../root-secret.ts'
import {
  baseUrlOf,
  databaseUrlFault,
  hidden,
  hostOf,
  isLoopback,
  notAddressRanges,
  notOrigins,
  parsed,
  wholeNumber,
} from './fields.ts'

/** What people read about a variable: in a fault at the start, and in docs/configuration.md. */
export interface Notes {
  help: string
  /** Completes "Allowed: …". */
  allowed: string
  /** What happens when it is not set, where the schema has no default. */
  unset?: string
  /** Never shown, and may come from the file that `…_FILE` names. */
  secret?: true
}

/** The {@link Notes} of each variable. */
export const NOTES = z.registry<Notes>()

/** Characters: who tries one a millisecond does not get in. */
const METRICS_TOKEN_LENGTH_MIN = 16

const ENVIRONMENTS = ['production', 'development', 'test'] as const
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

const onOff = () => parsed(switchOf)
const oneOf = <T extends string>(values: readonly T[]) => parsed((text) => values.find((value) => value === text))
const origins = () =>
  z.string().transform((text, context) => {
    const items = itemsOf(text)
    for (const item of notOrigins(items)) {
      context.addIssue({ code: 'custom', message: `has ${JSON.stringify(item)}, which is no exact origin` })
    }
    return items
  })

const rootSecret = () =>
  hidden((text) => (text.length < SECRET_LENGTH_MIN ? `has ${text.length} characters` : undefined))

const addressRanges = () =>
  z.string().transform((text, context) => {
    const items = itemsOf(text)
    for (const item of notAddressRanges(items)) {
      context.addIssue({ code: 'custom', message: `has ${JSON.stringify(item)}, which is no IP address or range` })
    }
    return items
  })

/** A rule between variables is judged even where others are at fault, so that one message names everything. */
const when = () => true

/** Every variable but the live settings. Whatever is fixed at the start is here, and nowhere else. */
export const Variables = z
  .object({
    PORT: wholeNumber(0, 65_535).prefault('8000').register(NOTES, {
      help: 'The port to listen on; 0 takes any free one.',
      allowed: 'a whole number from 0 to 65535',
    }),
    HOST: parsed(hostOf).prefault('127.0.0.1').register(NOTES, {
      help: 'The address to listen on. 0.0.0.0 or :: is every interface, as containers need it.',
      allowed: 'an IP address or a host name, without scheme and port',
    }),
    NODE_ENV: oneOf(ENVIRONMENTS)
      .optional()
      .register(NOTES, {
        help: '`production` starts strict: JSON logs, the strict password policy, and nothing made up by itself.',
        allowed: ENVIRONMENTS.join(', '),
        unset: 'the local set-up',
      }),
    PUBLIC_URL: parsed(baseUrlOf).optional().register(NOTES, {
      help: 'Where clients reach this service: the `iss` of access tokens and the base of links. Production needs it.',
      allowed: 'an http or https URL such as https://auth.example.com, without query and fragment',
      unset: 'http://localhost:PORT in the local set-up',
    }),
    DATABASE_URL: hidden(databaseUrlFault).optional().register(NOTES, {
      help: 'PostgreSQL 15 or later.',
      allowed: 'postgres://user:password@host:5432/database',
      unset: 'the embedded PostgreSQL 18, in LATCHKEY_DATA_DIR',
      secret: true,
    }),
    LATCHKEY_DATABASE_POOL: wholeNumber(2, 200).prefault('10').register(NOTES, {
      help: 'Database connections of this process at most; beside them three for batches and one that listens.',
      allowed: 'a whole number from 2 to 200',
    }),
    LATCHKEY_CONNECTIONS_MAX: wholeNumber(1, 1_000_000).prefault('10000').register(NOTES, {
      help: 'Connections of clients that this process holds at once; more are closed right away. Each takes about 6 KiB and a file descriptor.',
      allowed: 'a whole number from 1 to 1000000',
    }),
    LATCHKEY_WORKERS: wholeNumber(1, 64).prefault('1').register(NOTES, {
      help: 'Processes that serve the port together, for machines of four cores and more. Each has connections to the database of its own, and counts as an instance.',
      allowed: 'a whole number from 1 to 64',
    }),
    LATCHKEY_MIGRATE: onOff().optional().register(NOTES, {
      help: 'Whether a start brings the schema up to this version. If not, it waits, not ready, until somebody did.',
      allowed: 'on, off',
      unset: 'off in production, else on',
    }),
    LATCHKEY_DATA_DIR: z.string().optional().register(NOTES, {
      help: 'Where the embedded PostgreSQL is kept, and a root secret that was made by itself. As root, below a folder that other users cannot enter, the database lies in a folder below /var/lib/latchkey; the start names it.',
      allowed: 'a folder',
      unset: '`.data` in the repository, or in the current folder where there is none',
    }),
    LATCHKEY_SECRET: rootSecret().optional().register(NOTES, {
      help: 'The root secret, of which all keys are derived. Production needs it. Whoever has it and the database can log in as anybody; without it nobody can.',
      allowed: 'at least 32 random characters; `openssl rand -base64 48` makes some',
      unset: 'made once in the local set-up',
      secret: true,
    }),
    LATCHKEY_SECRET_PREVIOUS: rootSecret().optional().register(NOTES, {
      help: 'The root secret before LATCHKEY_SECRET, while it is being changed: what was made under either is good. Give both to every instance, then run `latchkey keys reseal`; take this one away when that finds no session left. See keys.md.',
      allowed: 'what LATCHKEY_SECRET was',
      unset: 'the root secret is not being changed',
      secret: true,
    }),
    LATCHKEY_AUDIENCE: z.string().optional().register(NOTES, {
      help: 'The `aud` of access tokens.',
      allowed: 'any text',
      unset: 'no `aud`',
    }),
    LATCHKEY_CORS_ORIGINS: origins().prefault('').register(NOTES, {
      help: 'Origins whose pages may call the API from a browser.',
      allowed: 'exact origins such as https://app.example.com, separated by commas; no path, no *',
    }),
    LATCHKEY_TRUSTED_PROXIES: addressRanges().prefault('').register(NOTES, {
      help: 'The proxies in front of this server. Only from them is the address of a client believed that `X-Forwarded-For` or `Forwarded` tells. The proxy must overwrite or drop the one that it does not write: where the two tell different addresses the address of the proxy counts.',
      allowed: 'IP addresses and ranges such as 10.0.0.0/8 or fd00::/8, separated by commas',
    }),
    LATCHKEY_INSTANCE_NAME: z.string().max(100).optional().register(NOTES, {
      help: 'What operators see this instance as.',
      allowed: 'up to 100 characters',
      unset: 'the host name and the port',
    }),
    LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: z.string().optional().register(NOTES, {
      help: 'Makes the first admin at a start while there is none. It has to change its password before it can do anything as an admin.',
      allowed: 'an e-mail address, together with LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD',
      unset: 'by the setup link of a local start, or by `latchkey admin create`',
    }),
    LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: z.string().optional().register(NOTES, {
      help: 'The password of that admin, by the password policy in force. Take it out of the environment afterwards.',
      allowed: 'a password, together with LATCHKEY_BOOTSTRAP_ADMIN_EMAIL',
      secret: true,
    }),
    LATCHKEY_RATE_LIMITS: onOff().prefault('on').register(NOTES, {
      help: '`off` is for tests and benches that must not be limited. Production refuses it unless HOST is loopback.',
      allowed: 'on, off',
    }),
    LATCHKEY_METRICS_PORT: wholeNumber(0, 65_535).optional().register(NOTES, {
      help: 'A port of its own that serves `/metrics` to whoever reaches it; 0 takes any free one.',
      allowed: 'a whole number from 0 to 65535',
      unset: 'no such port',
    }),
    LATCHKEY_METRICS_HOST: parsed(hostOf).prefault('127.0.0.1').register(NOTES, {
      help: 'The address that LATCHKEY_METRICS_PORT listens on.',
      allowed: 'an IP address or a host name, without scheme and port',
    }),
    LATCHKEY_METRICS_TOKEN: hidden((text) =>
      text.length < METRICS_TOKEN_LENGTH_MIN ? `has ${text.length} characters` : undefined,
    )
      .optional()
      .register(NOTES, {
        help: 'Serves `/metrics` on PORT, too, to whoever sends `Authorization: Bearer …` with this.',
        allowed: 'at least 16 characters of A-Z, a-z, 0-9, - . _ ~ + /',
        unset: 'no `/metrics` on PORT',
        secret: true,
      }),
    LATCHKEY_SLOW_REQUEST_MS: wholeNumber(0, 600_000).prefault('1000').register(NOTES, {
      help: 'Milliseconds from which on an answer gets a line of its own in the log, which says what the time went into; 0: none does.',
      allowed: 'a whole number from 0 to 600000',
    }),
    LATCHKEY_LOG_LEVEL: oneOf(LOG_LEVELS)
      .optional()
      .register(NOTES, {
        help: 'The least severe log lines that are written. `info` has a line for each request.',
        allowed: LOG_LEVELS.join(', '),
        unset: 'info in production, else warn',
      }),
  })
  .refine((values) => !isProduction(values) || values.PUBLIC_URL !== undefined, {
    path: ['PUBLIC_URL'],
    error: 'is not set, and production needs it',
    when,
  })
  .refine((values) => !isProduction(values) || values.LATCHKEY_SECRET !== undefined, {
    path: ['LATCHKEY_SECRET'],
    error: 'is not set, and production needs it',
    when,
  })
  .refine((values) => values.LATCHKEY_SECRET_PREVIOUS === undefined || !isSecretTwice(values), {
    path: ['LATCHKEY_SECRET_PREVIOUS'],
    error: 'is the same as LATCHKEY_SECRET',
    when,
  })
  .refine((values) => values.LATCHKEY_BOOTSTRAP_ADMIN_EMAIL !== undefined || !hasBootstrapPassword(values), {
    path: ['LATCHKEY_BOOTSTRAP_ADMIN_EMAIL'],
    error: 'is not set, and LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD is',
    when,
  })
  .refine((values) => values.LATCHKEY_BOOTSTRAP_ADMIN_EMAIL === undefined || hasBootstrapPassword(values), {
    path: ['LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD'],
    error: 'is not set, and LATCHKEY_BOOTSTRAP_ADMIN_EMAIL is',
    when,
  })
  .refine((values) => values.LATCHKEY_RATE_LIMITS || !isProduction(values) || isLoopback(values.HOST), {
    path: ['LATCHKEY_RATE_LIMITS'],
    error: 'is off, which production allows only where HOST is loopback',
    when,
  })

/** The name of a variable. */
export type VariableName = keyof typeof Variables.shape

/** What {@link Variables} makes of the texts. */
export type VariableValues = z.output<typeof Variables>

/** All names, in the order of declaration. */
export const VARIABLE_NAMES = Object.keys(Variables.shape) as VariableName[]

/** The notes of a variable. Each has some: the table above registers them all. */
export const notesOf = (name: VariableName): Notes => NOTES.get(Variables.shape[name]) ?? { help: '', allowed: '' }

const isProduction = (values: { NODE_ENV?: string | undefined }): boolean => values.NODE_ENV === 'production'

const isSecretTwice = (values: {
  LATCHKEY_SECRET?: string | undefined
  LATCHKEY_SECRET_PREVIOUS?: string | undefined
}) => values.LATCHKEY_SECRET === values.LATCHKEY_SECRET_PREVIOUS

const hasBootstrapPassword = (values: { LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD?: string | undefined }): boolean =>
  values.LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD !== undefined
