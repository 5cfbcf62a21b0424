/** Work that is asked for again and again, and done by one round at a time. */
export interface Rounds {
  /** Asks for a round; resolves once one is over that began after this was asked. */
  ask(): Promise<void>
  /** Resolves once nothing is under way; begins nothing. */
  settled(): Promise<void>
}

/**
 * Does one round at a time. For all who ask meanwhile one more is enough: it sees all that was done before it.
 *
 * @param round never rejects
 * @param stop once it is aborted, no further round follows the one that is under way
 */
export function oneAtATime(round: () => Promise<void>, stop?: AbortSignal): Rounds {
  let running: Promise<void> | undefined
  let again = false
  const isOver = () => stop?.aborted === true

  const run = async () => {
    do {
      again = false
      await round()
    } while (again && !isOver())
    running = undefined
  }
  return {
    ask() {
      again = running !== undefined
      running ??= run()
      return running
    },
    async settled() {
      await running
    },
  }
}
