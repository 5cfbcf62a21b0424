import { readFileSync } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EmbeddedPostgresError } from './error.ts'

/** Who PostgreSQL runs as when we are root, whom it refuses. */
export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * In order of preference. `postgres` is made for this by every distribution; `latchkey` is for who wants one of our own.
 * `nobody` is the last resort, found where there is no `postgres`: in slim containers, where nothing else runs as it. We
 * never add a user to somebody's machine. (A bare number will not do: initdb wants an entry in the user table.)
 */
const CANDIDATES = ['postgres', 'latchkey', 'nobody']

export const isRoot = (): boolean => process.getuid?.() === 0

/**
 * The user to run as: whoever owns the data already, else the first candidate there is. Undefined when we are not root:
 * then PostgreSQL runs as ourselves.
 *
 * @throws EmbeddedPostgresError when there is nobody it could run as
 */
export async function chooseSystemUser(dataFolder: string): Promise<SystemUser | undefined> {
  if (!isRoot()) return undefined
  const owner = await lstat(dataFolder).catch(() => undefined)
  if (owner?.uid === 0) {
    throw new EmbeddedPostgresError(
      `${dataFolder} belongs to root, as whom PostgreSQL does not run`,
      `give it to the user postgres again (chown -R)`,
    )
  }
  const users = systemUsers()
  if (owner) {
    const name = users.find((user) => user.uid === owner.uid)?.name ?? String(owner.uid)
    return { name, uid: owner.uid, gid: owner.gid }
  }
  const chosen = CANDIDATES.flatMap((name) => users.filter((user) => user.name === name)).at(0)
  if (chosen) return chosen
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and this system has none of the users ' + CANDIDATES.join(', '),
    'add a user named postgres, start as another user',
  )
}

/** Whether the user can go into the folder: every folder on the way must let it pass. Access lists do not count. */
export async function canEnter(user: SystemUser, folder: string): Promise<boolean> {
  if (!(await allows(user, folder, 0o1))) return false
  return dirname(folder) === folder || canEnter(user, dirname(folder))
}

/** Whether the mode of a file gives the user these rights (4 read, 2 write, 1 execute or enter). */
export async function allows(user: SystemUser, path: string, rights: number): Promise<boolean> {
  const { uid, gid, mode } = await stat(path)
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
  return ((mode >> shift) & rights) === rights
}

function systemUsers(): SystemUser[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [name, , uid, gid] = line.split(':')
      return name && Number(uid) > 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
    })
}
