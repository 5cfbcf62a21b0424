import { randomBytes } from 'node:crypto'
import { BETTER_AUTH, CONTRACT, type Act, type Operation } from './operations.ts'

/** A system that is measured. */
export interface System {
  /** What it is, for the page. */
  what: string
  /** What is run, below the checkout, and the flags of Node that it is to be run with. */
  script: string
  flags?: string[]
  environment(databaseUrl: string, port: number): Record<string, string>
  operations: Partial<Record<Operation, Act>>
  /** Whether it needs what is installed for the bench alone. */
  isForeign: boolean
}

/** The same for every start of a run: the keys in the database are sealed with it. */
const SECRET = randomBytes(48).toString('base64')

const common = (databaseUrl: string, port: number) => ({
  NODE_ENV: 'production',
  DATABASE_URL: databaseUrl,
  PORT: String(port),
})

/** Every one hashes with argon2id (19 MiB, 2 passes, 1 lane) and has 10 connections. */
export const SYSTEMS = {
  bare: {
    what: 'The contract on node:http and pg, one prepared statement for each call: no framework, no validation, no headers, no log, HS256. The base of all ratios; nothing to deploy.',
    script: 'bench/bare.mjs',
    environment: common,
    operations: CONTRACT,
    isForeign: false,
  },
  ours: {
    what: 'Latchkey as in production, with its log; rate limits off, as everybody here comes from one address.',
    script: 'apps/server/dist/main.js',
    flags: ['--max-semi-space-size=4'],
    environment: (databaseUrl, port) => ({
      ...common(databaseUrl, port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      LATCHKEY_SECRET: SECRET,
      LATCHKEY_MIGRATE: 'on',
      LATCHKEY_RATE_LIMITS: 'off',
    }),
    operations: CONTRACT,
    isForeign: false,
  },
  express: {
    what: 'What is usually written by hand: express 5, jsonwebtoken (HS256), pg, argon2; refresh tokens in a table, each rotation a delete and an insert in a transaction.',
    script: 'bench/others/express.mjs',
    environment: common,
    operations: CONTRACT,
    isForeign: true,
  },
  'better-auth': {
    what: 'better-auth on Hono, as its documentation sets it up, with the bearer plugin. Its session token is the only one: there is no refresh.',
    script: 'bench/others/better-auth.mjs',
    environment: common,
    operations: BETTER_AUTH,
    isForeign: true,
  },
} as const satisfies Record<string, System>

/** One of {@link SYSTEMS}. */
export type SystemName = keyof typeof SYSTEMS
