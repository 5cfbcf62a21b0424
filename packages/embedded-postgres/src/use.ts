import { join } from 'node:path'
import { explained } from './error.ts'
import { lock, tryLock } from './file-lock.ts'
import { findHome } from './home.ts'
import { findPostmaster, stopPostmaster } from './postmaster.ts'

/** That this process uses the server of a data directory. */
export interface Use {
  /** Ends it, and stops the server unless another process uses it. Tells which. */
  end(): Promise<'stopped' | 'still used'>
}

/** Runs something while no other process starts or stops the server of this data directory. */
export async function whileAlone<T>(dataDir: string, act: () => Promise<T>, onWait?: () => void): Promise<T> {
  const starting = await lock(join(dataDir, 'start.lock'), 'exclusive', onWait)
  try {
    return await act()
  } catch (fault) {
    throw explained(fault, dataDir)
  } finally {
    starting.release()
  }
}

/**
 * Whoever uses the server holds the use lock, shared, so that who can take it alone was the last. A process that was
 * killed holds nothing. Called while alone, as the server must not be stopped before its new user is known.
 */
export async function beginUse(dataDir: string): Promise<Use> {
  const held = await lock(useLockOf(dataDir), 'shared')
  const endOurs = (): Promise<'stopped' | 'still used'> =>
    whileAlone(dataDir, async () => {
      held.release()
      return await stopUnlessUsed(dataDir)
    })
  let ending: ReturnType<Use['end']> | undefined
  return { end: () => (ending ??= endOurs()) }
}

/** Called while alone. */
export async function stopUnlessUsed(dataDir: string): Promise<'stopped' | 'still used'> {
  const lastOne = tryLock(useLockOf(dataDir), 'exclusive')
  if (!lastOne) return 'still used'
  try {
    const home = await findHome(dataDir)
    const running = await findPostmaster(home)
    if (running) await stopPostmaster(home, running)
    return 'stopped'
  } finally {
    lastOne.release()
  }
}

export const useLockOf = (dataDir: string): string => join(dataDir, 'use.lock')
