import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMAND_LINE, runCommand } from '../testing/command.ts'
import { makeDataFolder, postmasterOf } from '../testing/data-folder.ts'

/** Whether a PostgreSQL runs there: its own file says so. */
const runs = (folder: string) => existsSync(join(folder, 'postgres/data/postmaster.pid'))

test('a command starts the embedded database, and leaves none behind: done, failed or stopped by a signal', async () => {
  const folder = await makeDataFolder()
  const environment = { LATCHKEY_DATA_DIR: folder }
  try {
    const set = await runCommand(['config', 'set', 'REFRESH_GRACE=7s', '--json'], { environment })
    expect([set.json().revision, runs(folder)]).toEqual([1, false])
    expect((await runCommand(['user', 'show', '1'], { environment })).code).toBe(3)
    expect(runs(folder)).toBe(false)

    const [node, ...start] = COMMAND_LINE
    const env = { PATH: process.env.PATH, ...environment }
    const tail = spawn(node, [...start, 'audit', 'tail', '-f'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    await once(tail.stdout, 'data')
    const postmaster = await postmasterOf(folder)
    // Another one uses the database that runs, and does not stop it.
    const get = await runCommand(['config', 'get', 'REFRESH_GRACE'], { environment })
    expect([get.out, await postmasterOf(folder)]).toEqual(['7s\n', postmaster])
    tail.kill('SIGINT')
    const [code] = (await once(tail, 'close')) as [number]
    expect([code, runs(folder)]).toEqual([130, false])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
