import type { Core } from '../core.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { tendKeys } from './tend.ts'

/** Milliseconds between two looks at the most, whether or not anybody was told of a change. */
const LOOK_MS = 3000

/** Keeps an instance at the keys of the cluster. */
export interface KeyWatch {
  /** Looks now: somebody has changed the keys, or may have. */
  look: () => void
  /** Looks no more, once a look that is under way is done. */
  stop: () => Promise<void>
}

/**
 * Looks at the keys every three seconds, when it is told to, and when a setting has changed that they depend on; does what
 * is due. A look that fails leaves the keys that are there in force, and the next one tries again.
 */
export function followKeys(core: Core, lookMs: number = LOOK_MS): KeyWatch {
  const { log, settings } = core
  let timer: NodeJS.Timeout | undefined
  const stop = new AbortController()
  let failing = false

  const lookOnce = async () => {
    try {
      await tendKeys(core)
      failing = false
    } catch (error) {
      if (!failing) log.warn({ err: error }, 'the signing keys cannot be looked at; those in force stay')
      failing = true
    }
    plan()
  }
  const looks = oneAtATime(lookOnce, stop.signal)
  const look = () => void looks.ask()
  const plan = () => {
    clearTimeout(timer)
    if (!stop.signal.aborted) timer = setTimeout(look, lookMs * (0.8 + Math.random() * 0.2)).unref()
  }

  const unsubscribe = settings.onApplied(look)
  plan()
  return {
    look,
    async stop() {
      stop.abort()
      clearTimeout(timer)
      unsubscribe()
      await looks.settled()
    },
  }
}
