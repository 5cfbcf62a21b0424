/** Time that only a test moves, for whoever has timers in it. */
export interface SimulatedTime {
  /** Milliseconds since it was made. */
  now(): number
  /** Moves on, stops at each timer that comes due on the way, and waits until all that it set off has settled. */
  advance(milliseconds: number): Promise<void>
  /** Whoever joins tells when its next timer is due, and fires it. */
  join(clockwork: Clockwork): void
}

/** Something with timers. */
export interface Clockwork {
  /** When its next timer is due, by {@link SimulatedTime.now}; infinite if there is none. */
  nextAt(): number
  fireNext(): void
}

/**
 * Makes time.
 *
 * @param options.moved is called with each step, in milliseconds: for clocks elsewhere, such as a server's
 * @param options.settled resolves when nothing is under way any more
 */
export function simulateTime({
  moved,
  settled,
}: {
  moved: (milliseconds: number) => void
  settled: () => Promise<void>
}): SimulatedTime {
  const members: Clockwork[] = []
  let now = 0

  const step = (to: number) => {
    if (to <= now) return
    moved(to - now)
    now = to
  }

  return {
    now: () => now,
    join: (clockwork) => void members.push(clockwork),
    async advance(milliseconds) {
      const end = now + milliseconds
      await settled()
      for (;;) {
        const [first] = members.toSorted((a, b) => a.nextAt() - b.nextAt())
        if (first === undefined || first.nextAt() > end) break
        step(first.nextAt())
        first.fireNext()
        await settled()
      }
      step(end)
    },
  }
}
