import { writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedPostgresError } from './error.ts'

const SQLITE_BUSY = 5
const POLL_MILLISECONDS = 20

/** A lock on a file, held until `release()` or the end of the process, however it ends. */
export interface FileLock {
  release(): void
}

/**
 * Takes a lock between processes, or gives undefined when another holds one that excludes it.
 *
 * It is a lock of the operating system, not a file with a pid in it: the kernel frees it with its process, so nothing
 * goes stale, a pid that comes again harms nobody, and two who find a dead owner's lock cannot both take it over. Node
 * has no call for such locks but through SQLite, which takes them on Linux, macOS and Windows alike. The file stays empty.
 */
export function tryLock(path: string, mode: 'shared' | 'exclusive'): FileLock | undefined {
  createEmpty(path)
  const file = new DatabaseSync(path, { timeout: 0, open: false })
  try {
    file.open()
    // A read transaction holds SQLite's shared lock until it ends.
    file.exec(mode === 'exclusive' ? 'begin exclusive' : 'begin; select 1 from sqlite_schema')
    return { release: () => file.isOpen && file.close() }
  } catch (fault) {
    if (file.isOpen) file.close()
    if ((fault as { errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw new EmbeddedPostgresError(`${path} cannot be locked by this user`, 'start as its owner', { cause: fault })
  }
}

/** Waits for the lock; `onWait` is called once, when it is not free at once. */
export async function lock(path: string, mode: 'shared' | 'exclusive', onWait?: () => void): Promise<FileLock> {
  for (let waited = false; ; waited = true) {
    const taken = tryLock(path, mode)
    if (taken) return taken
    if (!waited) onWait?.()
    await sleep(POLL_MILLISECONDS)
  }
}

/**
 * Gives the true reason (EACCES, ENOSPC) where SQLite only says that it cannot open. Never opens a file that exists:
 * closing any descriptor of it would drop the locks this process holds on it (POSIX, fcntl).
 */
function createEmpty(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 })
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault
  }
}
