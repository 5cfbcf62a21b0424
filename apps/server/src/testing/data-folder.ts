import { chmod, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes an empty data folder, which the user that PostgreSQL runs as can enter. Who made it removes it. */
export async function makeDataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
  await chmod(folder, 0o711)
  return folder
}

/** The process of the embedded database in a data folder, as its own file says. @throws Error when there is none */
export async function postmasterOf(folder: string): Promise<number> {
  return Number.parseInt(await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8'), 10)
}
