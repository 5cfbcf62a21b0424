import type { Core, Role } from '@latchkey/core'
import { isLoopback } from '../environment/fields.ts'
import { note } from './output.ts'
import type { Opened } from './with-core.ts'

/** What is stricter in production. */
const STRICTER = ['PASSWORD_LENGTH_MIN', 'PASSWORD_COMMON_REFUSED'] as const

/**
 * The core by which a command gives an account a password. The environment of a command need not be that of the servers:
 * from a laptop that lacks `NODE_ENV=production` the password of an admin is judged as there, whatever database that is
 * not on this machine gets it. For others the rules are those of the laptop, and it is told.
 */
export function coreForPassword({ core, domain, environment }: Opened, role: Role): Core {
  if (environment.production || environment.databaseUrl === undefined || !isElsewhere(environment.databaseUrl)) {
    return core
  }
  if (role !== 'admin') {
    note('The password is judged by the rules of a local set-up; NODE_ENV=production has the strict ones.')
    return core
  }
  note('The database is not on this machine: the password of an admin is judged by the rules of production.')
  const { settings } = core
  const strict = domain.defaultSettings(true)
  const current = () => {
    const unset = STRICTER.filter((name) => settings.source(name) === 'default')
    return { ...settings.current(), ...Object.fromEntries(unset.map((name) => [name, strict[name]])) }
  }
  return { ...core, settings: { ...settings, current } }
}

/** Whether a database is on another machine, by any host that its URL names; by none it is a socket here. */
export function isElsewhere(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl)
  return [hostname, ...searchParams.getAll('host')]
    .map((host) => decodeURIComponent(host).replace(/^\[(.*)\]$/, '$1'))
    .some((host) => host !== '' && !host.startsWith('/') && !isLoopback(host))
}
