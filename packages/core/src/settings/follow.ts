import type { Core } from '../core.ts'
import { listen } from '../database/listen.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { endOverrides } from './end-overrides.ts'
import { askNewest, SETTINGS_CHANNEL } from './stored-revision.ts'

/** Milliseconds between two looks at the most, whatever the listener says: it may be dead and not know it. */
const LOOK_MS = 3000
/** Milliseconds that a notification may be later than a look that found the same revision. */
const LATE_MS = 500
/** Milliseconds, up to which instances look a different time after an override has ended: one of them writes it down. */
const SPREAD_MS = 100

/** What {@link followSettings} tells. */
export interface FollowOptions {
  /** Another revision has come in force on this instance. */
  onApplied?: (revision: number) => void
  /** What else to hear of on the same connection: channels, and what to do when there may be news on them. */
  others?: Record<string, () => void>
}

/**
 * Looks once whether there is another revision, by one trivial query, and puts it in force: before the first request of an
 * instance, before a command does its work, and ever again. Then writes down the end of overrides that are over, if nobody
 * has: where that fails, the next look tries again, and they are over all the same.
 *
 * @returns the revision in force
 * @throws LatchkeyError `unavailable`
 */
export async function loadSettings(core: Core): Promise<number> {
  const { settings, db, log } = core
  const askedAt = performance.now()
  const { stored, now, ...revision } = await askNewest(db, core, settings.revisionId())
  settings.observe(now, askedAt)
  if (stored !== undefined) settings.apply({ ...revision, stored, askedAt })
  if (settings.overridesDue()) {
    await endOverrides(core).catch((error: unknown) => {
      log.warn({ err: error }, 'the end of an override is not written down yet; it is no longer in force')
    })
  }
  return settings.revision()
}

/**
 * Keeps this instance at the newest revision: PostgreSQL tells it within milliseconds, and where that connection is down
 * a look every three seconds finds it. Call what it returns to stop.
 */
export function followSettings(
  core: Core,
  { onApplied, others = {} }: FollowOptions = {},
  lookMs: number = LOOK_MS,
): () => Promise<void> {
  const { settings, log, db } = core
  let timer: NodeJS.Timeout | undefined
  let lateTimer: NodeJS.Timeout | undefined
  const stop = new AbortController()
  let failing = false
  /** The newest revision that the listener is known not to have missed. */
  let heard = 0

  const lookOnce = async () => {
    try {
      await loadSettings(core)
      failing = false
    } catch (error) {
      if (!failing) log.warn({ err: error }, 'the settings cannot be looked at; those in force stay')
      failing = true
    }
    plan()
  }
  const looks = oneAtATime(lookOnce, stop.signal)

  /** The next look: at the end of an override, if that comes first. */
  const plan = () => {
    clearTimeout(timer)
    if (stop.signal.aborted) return
    const end = settings.nextOverrideEnd()
    const untilEnd = end === undefined ? Infinity : end.getTime() - settings.now().getTime()
    const pause = Math.min(lookMs * (0.8 + Math.random() * 0.2), Math.max(0, untilEnd) + Math.random() * SPREAD_MS)
    timer = setTimeout(() => void looks.ask().then(suspectListener), pause).unref()
  }

  /** What a look has found, the listener must have heard of: else it is dead, or something between swallows it. */
  const suspectListener = () => {
    if (settings.revision() <= heard || !listener.listening() || lateTimer !== undefined) return
    lateTimer = setTimeout(() => {
      lateTimer = undefined
      if (settings.revision() > heard) listener.reopen()
    }, LATE_MS).unref()
  }

  /** What was told while nobody listened was told to nobody: all until this look counts as heard. */
  const lookAgain = async () => {
    await looks.ask()
    heard = Math.max(heard, settings.revision())
  }

  const unsubscribe = settings.onApplied((revision) => {
    log.info({ revision }, 'another revision of the settings is in force')
    onApplied?.(revision)
  })
  const listener = listen({
    url: db.url,
    channels: [SETTINGS_CHANNEL, ...Object.keys(others)],
    log,
    onNotification(channel, payload) {
      others[channel]?.()
      if (channel !== SETTINGS_CHANNEL) return
      heard = Math.max(heard, Number(payload) || 0)
      // Also where that number is in force already: it may have been used again.
      void looks.ask()
    },
    onListening() {
      for (const hear of Object.values(others)) hear()
      void lookAgain()
    },
  })
  plan()

  return async () => {
    stop.abort()
    clearTimeout(timer)
    clearTimeout(lateTimer)
    unsubscribe()
    await Promise.all([listener.close(), looks.settled()])
  }
}
