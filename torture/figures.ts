/** What a run has measured. */
export interface Figures {
  /** What refreshes are counted as, just now. */
  phase: 'quiet' | 'flood'
  /** Requests that found nobody who would take them. */
  refusals: number
  /** Connections that broke before an answer was there. */
  broken: number
  answers: number
  refresh(ms: number): void
  /** A login that was turned away at once. */
  shed(ms: number): void
  /** From when the database was there again until a server was. */
  ready(ms: number): void
  /** Lines for people. */
  lines(): string[]
  /** Which targets of time are missed. */
  missed(): string[]
}

/** Starts with nothing measured. */
export function createFigures(): Figures {
  const refreshes = { quiet: [] as number[], flood: [] as number[] }
  const shed: number[] = []
  const ready: number[] = []
  const figures: Figures = {
    phase: 'quiet',
    refusals: 0,
    broken: 0,
    answers: 0,
    refresh: (ms) => refreshes[figures.phase].push(ms),
    shed: (ms) => shed.push(ms),
    ready: (ms) => ready.push(ms),
    lines: () => [
      `answers ${figures.answers}, refused for a moment ${figures.refusals}, broken off ${figures.broken}`,
      `ready again after a fault: median ${shown(ready, 0.5)}, longest ${shown(ready, 1)}`,
      `refresh in quiet and faults: p50 ${shown(refreshes.quiet, 0.5)}, p99 ${shown(refreshes.quiet, 0.99)}`,
      ...(refreshes.flood.length === 0
        ? []
        : [
            `refresh in the flood of logins: p50 ${shown(refreshes.flood, 0.5)}, p99 ${shown(refreshes.flood, 0.99)}`,
            `logins turned away: ${shed.length}, median ${shown(shed, 0.5)}, p99 ${shown(shed, 0.99)}`,
          ]),
    ],
    missed() {
      const late = quantile(refreshes.flood, 0.99) > 12 ? ['refresh in the flood: p99 is past 12 ms'] : []
      const slow = quantile(shed, 0.5) > 50 ? ['a login is turned away later than after 50 ms'] : []
      return [...late, ...slow]
    },
  }
  return figures
}

function quantile(values: number[], share: number): number {
  const inOrder = values.toSorted((a, b) => a - b)
  return inOrder[Math.min(inOrder.length - 1, Math.floor(inOrder.length * share))] ?? 0
}

const shown = (values: number[], share: number): string =>
  values.length === 0 ? 'none' : `${quantile(values, share).toFixed(1)} ms`
