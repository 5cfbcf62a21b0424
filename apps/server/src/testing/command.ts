import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ROOT_SECRET, test as base } from '@latchkey/core/testing'

/** How a command has ended. */
export interface Ran {
  code: number | null
  /** The data. */
  out: string
  /** The notes. */
  err: string
  json(): Record<string, unknown>
}

/** Runs one command as a process of its own, with nobody at a terminal. */
export type RunCommand = (args: string[], input?: string) => Promise<Ran>

/** How the command is started from its sources. */
export const COMMAND_LINE = [
  process.execPath,
  '--conditions=@latchkey/source',
  fileURLToPath(new URL('../main.ts', import.meta.url)),
] as const

/** Where Node keeps what it has compiled: it halves the time of a command that is started from its sources. */
const COMPILED = fileURLToPath(new URL('../../../../node_modules/.cache/latchkey', import.meta.url))

/** Runs a command with this environment and no other. */
export async function runCommand(
  args: string[],
  { environment = {}, input = '' }: { environment?: Record<string, string>; input?: string } = {},
): Promise<Ran> {
  const [node, ...start] = COMMAND_LINE
  const child = spawn(node, [...start, ...args], {
    env: { PATH: process.env.PATH, TZ: 'UTC', NODE_COMPILE_CACHE: COMPILED, ...environment },
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  // It may have ended without reading.
  child.stdin.on('error', () => {}).end(input)
  await once(child, 'close')
  return { code: child.exitCode, ...said, json: () => JSON.parse(said.out) as Record<string, unknown> }
}

/** Commands on a database that no other test has: what they change would be seen by all. */
export const test = base
  /** The environment of the commands. */
  .extend('environment', async ({ emptyDatabase }) => ({
    DATABASE_URL: await emptyDatabase(),
    LATCHKEY_SECRET: ROOT_SECRET,
  }))
  /** Runs a command on that database; the first one migrates it. */
  .extend(
    'latchkey',
    ({ environment }): RunCommand =>
      (args, input) =>
        runCommand(args, { environment, ...(input !== undefined && { input }) }),
  )
  /** A server's core on that database, in real time; it migrates it as well. */
  .extend('openServer', ({ environment, createInstance }) => async () => {
    const { prepare, systemClock } = await import('@latchkey/core')
    const core = await createInstance({ databaseUrl: environment.DATABASE_URL, clock: systemClock })
    await prepare(core, { migrating: true })
    return core
  })

export { expect } from 'vitest'
