import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TokenStorage } from '@latchkey/client'

/** Keeps the session of a command between two runs, in files that only its user can read. */
export function filesIn(folder: string): TokenStorage {
  const pathOf = (key: string) => join(folder, encodeURIComponent(key))
  return {
    getItem: (key) => readFile(pathOf(key), 'utf8').catch(() => null),
    async setItem(key, value) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(`${pathOf(key)}.new`, value, { mode: 0o600 })
      await rename(`${pathOf(key)}.new`, pathOf(key))
    },
    removeItem: (key) => rm(pathOf(key), { force: true }),
  }
}
