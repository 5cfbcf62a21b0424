import type { Sample } from './measure.ts'
import type { Operation } from './operations.ts'
import type { SystemName } from './systems.ts'

/** All samples of a run. */
export interface Results {
  add(system: SystemName, operation: Operation, sample: Sample): void
  of(system: SystemName, operation: Operation): Sample[]
}

/** Starts with none. */
export function createResults(): Results {
  const samples = new Map<string, Sample[]>()
  const of = (system: SystemName, operation: Operation) => samples.get(`${system} ${operation}`) ?? []
  return {
    of,
    add(system, operation, sample) {
      samples.set(`${system} ${operation}`, [...of(system, operation), sample])
    },
  }
}

/** Server and database together, in ms of processor time for a request. */
export const totalCpu = ({ serverCpuMs, databaseCpuMs }: Sample): number => serverCpuMs + databaseCpuMs

/** The one in the middle; NaN of none. */
export function median(values: number[]): number {
  const inOrder = values.toSorted((a, b) => a - b)
  const middle = Math.floor(inOrder.length / 2)
  const upper = inOrder[middle] ?? Number.NaN
  return inOrder.length % 2 === 1 ? upper : (upper + (inOrder[middle - 1] ?? Number.NaN)) / 2
}

/** The ratio of two medians, and how far it goes in single rounds. */
export function ratio(ours: number[], base: number[]): { median: number; least: number; most: number } {
  const rounds = ours.map((value, round) => value / (base[round] ?? Number.NaN))
  return { median: median(ours) / median(base), least: Math.min(...rounds), most: Math.max(...rounds) }
}
