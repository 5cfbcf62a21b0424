import type { SpawnOptions } from 'node:child_process'
import type { Home } from './home.ts'

const PASSED_ON = ['PATH', 'TZDIR', 'SystemRoot', 'TEMP', 'TMP']

/**
 * How we run a program of PostgreSQL: as the system user, out of a folder it can enter, and with next to nothing of our
 * environment. Its PG* variables would change what the program does, its LC_* what it says and how it sorts, and
 * LATCHKEY_SECRET is not for the system user to read in /proc.
 */
export function programOptions({ folder, systemUser }: Home): SpawnOptions {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C' }
  for (const name of PASSED_ON) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return { cwd: folder, env, windowsHide: true, ...(systemUser && { uid: systemUser.uid, gid: systemUser.gid }) }
}
