import { existsSync } from 'node:fs'
import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeDataDir } from './home.ts'
import { FLEETING, type Settings } from './settings.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start.ts'
import { stopUnlessUsed, useLockOf, whileAlone } from './use.ts'

const PREFIX = 'latchkey-throw-away-'

/**
 * Starts an empty server for tests: its data lie in the temporary folder and go when it is stopped. It is quick rather
 * than durable, and has pg_stat_statements loaded. Servers that a killed test run left behind are cleared away first.
 */
export async function startThrowAwayPostgres(settings: Settings = {}): Promise<EmbeddedPostgres> {
  for (const name of await readdir(tmpdir())) {
    if (name.startsWith(PREFIX)) await removeIfAbandoned(join(tmpdir(), name))
  }
  const dataDir = await mkdtemp(join(tmpdir(), PREFIX))
  const server = await startEmbeddedPostgres({ dataDir, settings: { ...FLEETING, ...settings } })
  const stop = async (): Promise<void> => {
    await server.stop()
    await removeDataDir(dataDir)
  }
  return { ...server, stop }
}

/** One without a use lock is being made at this moment. What is not ours to remove stays. */
async function removeIfAbandoned(dataDir: string): Promise<void> {
  if (!existsSync(useLockOf(dataDir))) return
  try {
    if ((await whileAlone(dataDir, () => stopUnlessUsed(dataDir))) === 'stopped') await removeDataDir(dataDir)
  } catch {
    // It belongs to another user, or another test run was quicker.
  }
}
