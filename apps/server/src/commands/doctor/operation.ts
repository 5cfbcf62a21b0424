import type { ContentFacts, InstanceView, SettingsView } from '@latchkey/core'
import type { Environment } from '../../environment.ts'
import { checkOf, type Finding } from './finding.ts'

/** A row with room for its next versions and its entries in all indexes takes about 1.5 kB; of more than three times that much is lost. */
const BYTES_A_SESSION = 5000
const BYTES_FREE = 64 * 2 ** 20
/** Characters of a password from which on an open registration is not called weak (NIST SP 800-63B asks for 15). */
const LENGTH_ENOUGH = 12

/** Whether anybody may register, and with what passwords. */
export function registrationFinding({ settings }: SettingsView, { production }: Environment): Finding {
  const { ok, warning } = checkOf('registration')
  const textOf = (name: string) => settings.find((setting) => setting.name === name)?.text ?? ''
  const valueOf = (name: string) => settings.find((setting) => setting.name === name)?.value
  if (valueOf('REGISTRATION_OPEN') === false) return ok('It is closed.')
  const short = Number(valueOf('PASSWORD_LENGTH_MIN')) < LENGTH_ENOUGH
  const common = valueOf('PASSWORD_COMMON_REFUSED') === false
  if (!production || !(short || common))
    return ok(`It is open, for passwords of ${textOf('PASSWORD_LENGTH_MIN')} or more.`)
  const faults = [
    short ? `passwords of ${textOf('PASSWORD_LENGTH_MIN')} will do` : '',
    common ? 'common passwords are taken' : '',
  ]
  return warning(
    `It is open, in production, and ${faults.filter(Boolean).join(', and ')}.`,
    'Run: latchkey config set PASSWORD_LENGTH_MIN=15 PASSWORD_COMMON_REFUSED=on (or REGISTRATION_OPEN=off)',
  )
}

/** Whether there is somebody who can use what is for admins. */
export function adminsFinding({ admins }: ContentFacts, { bootstrapAdmin, production }: Environment): Finding {
  const { ok, note, warning } = checkOf('admins')
  if (admins === 0 && bootstrapAdmin === undefined) {
    const other = production ? '' : ', or open the link that a start prints'
    return warning('There is no admin.', `Run: latchkey admin create${other}`)
  }
  if (bootstrapAdmin !== undefined) {
    return admins === 0
      ? note('There is no admin yet.', 'The next start makes the one of LATCHKEY_BOOTSTRAP_ADMIN_EMAIL.')
      : note(
          'There is an admin, and the password of the first one is still in the environment.',
          'Take LATCHKEY_BOOTSTRAP_ADMIN_EMAIL and LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD out of it.',
        )
  }
  return ok(admins === 1 ? 'There is one.' : `There are ${admins}.`)
}

/** Whether saved settings are in force. */
export function settingsFinding({ settings, revision }: SettingsView): Finding {
  const { ok, note, warning } = checkOf('settings')
  const ignored = settings.filter((setting) => setting.ignored !== undefined && !setting.locked)
  if (ignored.length > 0) {
    return warning(
      `Saved, but not in force: ${ignored.map(({ name, ignored: why }) => `${name} (${why})`).join('; ')}.`,
      'Save values that go together, or reset them: latchkey config reset NAME',
    )
  }
  const locked = settings.filter((setting) => setting.locked)
  if (locked.length > 0) {
    return note(
      `Locked by the environment: ${locked.map(({ name }) => name).join(', ')}.`,
      'To change them while servers run, take their LATCHKEY_… variables out of the environment of every instance.',
    )
  }
  return ok(`Revision ${revision} is in force, and the environment locks none.`)
}

/** Whether all that serve are of one version and at one revision. */
export function instancesFinding(instances: InstanceView[], revision: number, version: string): Finding {
  const { ok, warning } = checkOf('instances')
  const alive = instances.filter((instance) => instance.alive)
  const [others, behind] = [
    alive.filter((instance) => instance.version !== version),
    alive.filter((instance) => instance.revision < revision),
  ]
  if (behind.length > 0) {
    return warning(
      `Not yet at revision ${revision} of the settings: ${behind.map(({ name, revision: at }) => `${name} (${at})`).join(', ')}.`,
      'Look again in 5 s; if they still lag, see their logs, and whether DATABASE_URL goes through a pooler in transaction mode.',
    )
  }
  if (others.length > 0) {
    return warning(
      `This is ${version}; another version serves: ${others.map(({ name, version: other }) => `${name} (${other})`).join(', ')}.`,
      'Bring all to one version.',
    )
  }
  return ok(alive.length === 0 ? 'None serves at the moment.' : `Serving: ${alive.map(({ name }) => name).join(', ')}.`)
}

/** Whether the table of sessions has its size: each refresh changes a row in its page, so that it does not grow. */
export function sessionsFinding({ sessions, sessionBytes }: ContentFacts): Finding {
  const { ok, warning } = checkOf('sessions')
  const megabytes = Math.round(sessionBytes / 2 ** 20)
  if (sessionBytes < BYTES_FREE + sessions * BYTES_A_SESSION) return ok(`${sessions} take ${megabytes} MB.`)
  return warning(
    `${sessions} take ${megabytes} MB, most of it old versions of rows: refreshes are slower than they could be.`,
    'See that autovacuum runs and no transaction stays open; then, when few people are there: vacuum (full, analyze) session',
  )
}

/** Whether the audit has its months. */
export function auditFinding({ eventsWithoutMonth: count }: ContentFacts, max: number): Finding {
  const { ok, warning } = checkOf('audit')
  if (count === 0) return ok('Every event lies in the table of its month.')
  return warning(
    `${count >= max ? `At least ${max}` : count} events lie in audit_event_other, because their month has no table: pruning costs more.`,
    "See that Latchkey's role owns its tables and may create more; a server then makes the months ahead by itself.",
  )
}
