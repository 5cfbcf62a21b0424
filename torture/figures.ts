import type { Done } from './load/worker.ts'

/** Milliseconds. */
const FLOOD_P99_MAX = 12
const FLOOD_RATIO_MAX = 1.5
const SHED_MAX = 50

/** A flood of logins: refreshes before and in it, and the logins. */
export interface Flood {
  quiet: Done
  flooded: Done
  logins: Done
}

/** What a run has measured. */
export interface Figures {
  /** Requests that found nobody who would take them. */
  refusals: number
  /** Connections that broke before an answer was there. */
  broken: number
  answers: number
  /** The highest resident memory that was seen of a server. */
  memoryMaxMib: number
  refresh(ms: number): void
  flood(measured: Flood): void
  /** From when the database was there again until a server was. */
  ready(ms: number): void
  /** Whether a statement came by at which a server was to be killed. */
  point(statement: string, wasReached: boolean): void
  /** Statements that were waited for, and never came by: their name is not right any more. */
  neverReached(): string[]
  /** Lines for people. */
  lines(): string[]
  /** Which targets of time are missed. */
  missed(): string[]
}

/** Starts with nothing measured. */
export function createFigures(): Figures {
  const refreshes: number[] = []
  const floods: Flood[] = []
  const ready: number[] = []
  const points = new Map<string, { reached: number; tries: number }>()
  const figures: Figures = {
    refusals: 0,
    broken: 0,
    answers: 0,
    memoryMaxMib: 0,
    refresh: (ms) => refreshes.push(ms),
    flood: (measured) => floods.push(measured),
    ready: (ms) => ready.push(ms),
    point(statement, wasReached) {
      const point = points.get(statement) ?? { reached: 0, tries: 0 }
      points.set(statement, { reached: point.reached + Number(wasReached), tries: point.tries + 1 })
    },
    neverReached: () =>
      [...points].filter(([, { reached, tries }]) => reached === 0 && tries > 2).map(([name]) => name),
    lines: () => [
      `answers ${figures.answers}, refused for a moment ${figures.refusals}, broken off ${figures.broken}`,
      ...[...points].map(([name, { reached, tries }]) => `killed at ${name}: ${reached} of ${tries}`),
      `ready again after a fault: median ${shown(ready, 0.5)}, longest ${shown(ready, 1)}`,
      `memory of a server: ${Math.round(figures.memoryMaxMib)} MiB at the most`,
      `refresh of the clients, among all faults: p50 ${shown(refreshes, 0.5)}, p99 ${shown(refreshes, 0.99)}`,
      ...floods.flatMap(linesOf),
    ],
    missed: () => floods.flatMap(missedIn),
  }
  return figures
}

function linesOf({ quiet, flooded, logins }: Flood): string[] {
  const refreshed = ({ byStatus, unsent, broken }: Done) => {
    const others = Object.entries(byStatus).filter(([status]) => status !== '200')
    const told = others.map(([status, times]) => `, ${times.length} with ${status}`).join('')
    const times = byStatus[200] ?? []
    return `p50 ${shown(times, 0.5)}, p99 ${shown(times, 0.99)} (${times.length}${told}, ${unsent} not sent, ${broken} broken off)`
  }
  const shed = logins.byStatus[503] ?? []
  return [
    `400 refreshes a second, alone: ${refreshed(quiet)}`,
    `400 refreshes a second, in a flood of logins: ${refreshed(flooded)}`,
    `logins turned away: ${shed.length}, median ${shown(shed, 0.5)}, p99 ${shown(shed, 0.99)}; hashed: ${logins.byStatus[401]?.length ?? 0}; not sent: ${logins.unsent}`,
  ]
}

function missedIn({ quiet, flooded, logins }: Flood): string[] {
  const before = quantile(quiet.byStatus[200] ?? [], 0.99)
  const p99 = quantile(flooded.byStatus[200] ?? [], 0.99)
  const shed = quantile(logins.byStatus[503] ?? [], 0.5)
  return [
    ...(p99 > FLOOD_P99_MAX ? [`refresh in the flood: p99 is ${p99.toFixed(1)} ms; ${FLOOD_P99_MAX} at the most`] : []),
    ...(p99 > FLOOD_RATIO_MAX * before
      ? [`refresh in the flood: p99 is ${(p99 / before).toFixed(1)} times that before; ${FLOOD_RATIO_MAX} at the most`]
      : []),
    ...(shed > SHED_MAX ? [`a login is turned away after ${shed.toFixed(1)} ms; ${SHED_MAX} at the most`] : []),
  ]
}

function quantile(values: number[], share: number): number {
  const inOrder = values.toSorted((a, b) => a - b)
  return inOrder[Math.min(inOrder.length - 1, Math.floor(inOrder.length * share))] ?? 0
}

const shown = (values: number[], share: number): string =>
  values.length === 0 ? 'none' : `${quantile(values, share).toFixed(1)} ms`
