import { parseArgs } from 'node:util'
import { OPERATIONS, type Operation } from './operations.ts'
import { SYSTEMS, type SystemName } from './systems.ts'

/** What a run measures. */
export interface Options {
  systems: SystemName[]
  operations: Operation[]
  /** Rounds; each measures every operation of every system once. */
  rounds: number
  /** Seconds that one operation of one system is measured in a round. */
  seconds: number
  users: number
  /** Connections, each of which asks for the next thing as soon as it has an answer. */
  connections: number
  /** Writes docs/benchmarks.md. */
  write: boolean
  /** Fails on a wrong answer, a budget that is passed, and a ratio far off. */
  quick: boolean
  /** Looks only whether silent connections and giant bodies are felt by others. */
  crowd: boolean
}

/** Printed for `--help`. */
export const USAGE = `npm run bench -- [options]

  --systems a,b     of ${Object.keys(SYSTEMS).join(', ')}; all
  --ops a,b         of ${OPERATIONS.join(', ')}; all
  --rounds N        3
  --seconds N       of one operation of one system in a round; 4
  --users N         300
  --connections N   16
  --write           write docs/benchmarks.md
  --quick           ours and bare, one short round; fails on a wrong answer, on the write budget and on a ratio far off
  --crowd           only ours: 2,000 idle connections and 100 uploads of 64 MB beside a steady 200 refreshes a second`

/** @throws Error for what is no option */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      systems: { type: 'string' },
      ops: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      users: { type: 'string' },
      connections: { type: 'string', default: '16' },
      write: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      crowd: { type: 'boolean', default: false },
    },
  })
  const { quick, write, connections, crowd } = values
  return {
    systems: list(
      'systems',
      values.systems ?? (quick ? 'bare,ours' : undefined),
      Object.keys(SYSTEMS).filter(isSystem),
    ),
    operations: list('ops', values.ops ?? (quick ? 'refresh,me,put' : undefined), [...OPERATIONS]),
    rounds: number('rounds', values.rounds ?? (quick ? '2' : '3')),
    seconds: number('seconds', values.seconds ?? (quick ? '2' : '4')),
    users: number('users', values.users ?? (quick ? '100' : '300')),
    connections: number('connections', connections),
    write,
    quick,
    crowd,
  }
}

function number(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`--${name} takes a whole number, not ${text}`)
  return Number(text)
}

function list<Name extends string>(option: string, text: string | undefined, all: Name[]): Name[] {
  if (text === undefined) return all
  return text.split(',').map((name) => {
    const known = all.find((one) => one === name)
    if (known === undefined) throw new Error(`--${option} has ${name}; there are ${all.join(', ')}`)
    return known
  })
}

const isSystem = (name: string): name is SystemName => Object.hasOwn(SYSTEMS, name)
