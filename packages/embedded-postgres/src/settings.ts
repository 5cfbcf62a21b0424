import { type Address, isSocket } from './address.ts'

/** Settings of PostgreSQL by name, as in postgresql.conf. */
export type Settings = Readonly<Record<string, string>>

/**
 * What we set by ourselves. Nothing here trades durability: fsync and synchronous_commit stay on. The log does not show
 * statements nor details of errors: a refused duplicate e-mail would put the row, password hash and all, into it.
 */
const OURS: Settings = {
  cluster_name: 'latchkey',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
}

/** For tests: quick, and lost when the machine fails. Counts statements, so that budgets can be checked. */
export const FLEETING: Settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_preload_libraries: 'pg_stat_statements',
}

/** The command line of a postmaster. Where it listens is not for the caller to change: others look for it there. */
export function settingArguments(address: Address, settings: Settings): string[] {
  const listening: Settings = isSocket(address)
    ? { listen_addresses: '', unix_socket_directories: quoted(address.host), unix_socket_permissions: '0700' }
    : { listen_addresses: address.host, unix_socket_directories: '' }
  const all = { ...OURS, ...settings, ...listening, port: String(address.port) }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** It is a list of folders: a comma or a space in a path must not end it. */
const quoted = (path: string): string => `"${path.replaceAll('"', '""')}"`
