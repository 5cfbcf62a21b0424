import type { Origin } from '../audit/origin.ts'
import type { Settings } from '../settings/snapshot.ts'
import { prefixOf } from './prefix.ts'
import type { Counter, Point, SharedCounters } from './shared-counters.ts'

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** Who logs in, as far as it can be said before the password is checked. */
export interface Claimant {
  /** As {@link accountKeyOf} gives it. */
  accountKey: string
  /** The device, if the account knows it. */
  deviceId: string | undefined
}

/** The limits of what costs a hash. Each call counts before that hash, in one statement. */
export interface AttemptLimits {
  /**
   * Counts a login until it has succeeded.
   *
   * A device that the account knows has a counter of its own, so nothing that others do keeps the owner out. Anybody else
   * is counted by account and prefix, by prefix over all accounts, and by account over all unknown devices. When the last
   * one is spent the account is not locked: each prefix that comes is told to wait, then it may try once. An attacker gets
   * one guess for each delay and prefix, and the delay grows with those that wait; the owner gets in from a new device after one delay.
   *
   * @returns the points it took: they go back when it succeeds
   * @throws LatchkeyError `too_many_requests`
   */
  login(claimant: Claimant, origin: Origin): Promise<Point[]>
  /**
   * Counts a check of the password of whoever holds an access token: by session, as the token may be stolen.
   *
   * @returns the points it took: they go back when the password is right
   * @throws LatchkeyError `too_many_requests`
   */
  password(sessionId: string): Promise<Point[]>
  /** Counts a registration. @throws LatchkeyError `too_many_requests` */
  register(origin: Origin): Promise<void>
  /** Gives points back. One statement. */
  giveBack(points: Point[]): Promise<void>
  /** Says that the statement that opened the session has given these points back. */
  givenBack(points: Point[]): void
}

/** Makes the limits of what costs a hash. */
export function createAttemptLimits(counters: SharedCounters, settings: Settings): AttemptLimits {
  return {
    async login({ accountKey, deviceId }, origin) {
      const values = settings.current()
      if (deviceId !== undefined) {
        return await counters.take([
          counter('login-device', `${accountKey}:${deviceId}`, values.LOGIN_FAILURES_DEVICE_PER_MINUTE, MINUTE),
        ])
      }
      const prefix = prefixOf(origin.address)
      const party = `${accountKey}:${prefix}`
      return await counters.take(
        [
          counter('login-account', party, values.LOGIN_FAILURES_PER_MINUTE, MINUTE),
          counter('login-account-hour', party, values.LOGIN_FAILURES_PER_HOUR, HOUR),
          counter('login-prefix', prefix, values.LOGIN_FAILURES_PREFIX_PER_MINUTE, MINUTE),
        ],
        {
          name: 'login-delay',
          subject: party,
          waiters: accountKey,
          counters: [
            counter('login-unknown', accountKey, values.LOGIN_FAILURES_UNKNOWN_PER_MINUTE, MINUTE),
            counter('login-unknown-day', accountKey, values.LOGIN_FAILURES_UNKNOWN_PER_DAY, DAY),
          ],
          delayMax: values.LOGIN_DELAY_MAX,
        },
      )
    },
    async password(sessionId) {
      const values = settings.current()
      return await counters.take([
        counter('password', sessionId, values.LOGIN_FAILURES_PER_MINUTE, MINUTE),
        counter('password-hour', sessionId, values.LOGIN_FAILURES_PER_HOUR, HOUR),
      ])
    },
    async register(origin) {
      const limit = settings.current().REGISTRATIONS_PER_HOUR
      await counters.take([counter('register', prefixOf(origin.address), limit, HOUR)])
    },
    giveBack: (points) => counters.giveBack(points),
    givenBack: (points) => counters.givenBack(points),
  }
}

const counter = (name: string, subject: string, limit: number, windowSeconds: number): Counter => ({
  name,
  subject,
  limit,
  windowSeconds,
})
