import { NOBODY, type Observer } from '../observer.ts'
import type { SettingValues } from '../settings/registry.ts'
import type { Settings } from '../settings/snapshot.ts'
import { assumedHashMs, createGate, type Queue } from './gate.ts'
import { argon2, type HashParameters, needsRehash, unmatchableHash } from './hash.ts'
import { normalizePassword } from './policy.ts'
import { hashSlots, watchOthers } from './slots.ts'

/** What checking a password found out. */
interface PasswordCheck {
  matches: boolean
  /** Whether the settings have changed since the hash was made. */
  outdated: boolean
}

/** Hashes and checks passwords, no more at a time than the machine bears. */
export interface Passwords {
  /**
   * The argon2id hash of a password, as a PHC string with the parameters that the settings ask for now.
   *
   * @throws LatchkeyError `busy`, or `invalid_input` for a password that no policy allows
   */
  hash(password: string): Promise<string>
  /**
   * Checks a password. Without a hash, because there is no such account, it takes just as long and never matches.
   *
   * @throws LatchkeyError `busy`, or `invalid_input` for a password that no policy allows
   */
  verify(password: string, phc: string | undefined): Promise<PasswordCheck>
  /**
   * Refuses now whom {@link hash} or {@link verify} would refuse: a flood shall cost no statement either.
   *
   * @throws LatchkeyError `busy`
   */
  admit(): void
  /** How many hashes wait, run, and may run at once. */
  queue(): Queue
}

/** What {@link createPasswords} needs. */
export interface PasswordsOptions {
  settings: Settings
  /** How many processes like this one share the machine. */
  processes?: number
  /** How many statements there were so far for those who need no hash. */
  others?: () => number
  /** Hears of every hash. */
  observer?: Observer
}

/** Makes the one way to password hashes of this instance. */
export function createPasswords({
  settings,
  processes = 1,
  others = () => 0,
  observer = NOBODY,
}: PasswordsOptions): Passwords {
  const parameters = () => hashParameters(settings.current())
  const isIdle = watchOthers({ count: others })
  const gate = createGate({
    slots: () => hashSlots(parameters(), { idle: isIdle(), processes }),
    assumedMs: () => assumedHashMs(parameters()),
    hashed: (waitMs, ms) => observer.hash(waitMs, ms),
  })
  return {
    async hash(password) {
      const bytes = Buffer.from(normalizePassword(password))
      return gate.run(() => argon2.hash(bytes, parameters()))
    },
    async verify(password, phc) {
      const bytes = Buffer.from(normalizePassword(password))
      const matches = await gate.run(() => argon2.verify(phc ?? unmatchableHash(parameters()), bytes))
      return { matches, outdated: phc !== undefined && needsRehash(phc, parameters()) }
    },
    admit: () => gate.admit(),
    queue: () => gate.queue(),
  }
}

function hashParameters(values: Readonly<SettingValues>): HashParameters {
  return {
    memoryKiB: values.PASSWORD_HASH_MEMORY,
    iterations: values.PASSWORD_HASH_ITERATIONS,
    parallelism: values.PASSWORD_HASH_PARALLELISM,
  }
}
