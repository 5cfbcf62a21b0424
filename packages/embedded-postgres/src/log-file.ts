import { existsSync } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Home } from './home.ts'

const MAX_BYTES = 1024 * 1024

/** The log of the postmaster, opened for it to write on. */
export interface LogFile {
  readonly path: string
  readonly descriptor: number
  /** What was written since it was opened. */
  written(): Promise<string>
  close(): Promise<void>
}

/** Opens the log; one that has grown is put aside first, and the one put aside before it goes. */
export async function openLog({ folder, systemUser }: Home): Promise<LogFile> {
  const path = join(folder, 'postgres.log')
  if (existsSync(path) && (await stat(path)).size > MAX_BYTES) await rename(path, `${path}.1`)
  const file = await open(path, 'a+', 0o600)
  if (systemUser) await file.chown(systemUser.uid, systemUser.gid)
  const { size: start } = await file.stat()
  return {
    path,
    descriptor: file.fd,
    async written() {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_BYTES), position: start })
      return buffer.toString('utf8', 0, bytesRead)
    },
    close: () => file.close(),
  }
}
