import { parseArgs } from 'node:util'
import { FAULTS, type FaultName } from './faults/faults.ts'

/** What a run is to do. */
export interface Options {
  seed: number
  /** How often a server is killed. */
  kills: number
  /** What is broken, besides. */
  faults: FaultName[]
  servers: number
  clients: number
  /** A service that runs elsewhere: it is only used, and nothing of it is broken. */
  url: string | undefined
  /** Seconds that a service elsewhere is used for. */
  seconds: number
  /** The folder of another checkout, built, whose server is the last of the cluster. */
  other: string | undefined
  /** The folder that the servers come from, if it is not this checkout. */
  build: string | undefined
  /** Whether figures of time that are past their target fail the run. They do not by default: machines differ. */
  judgeTiming: boolean
}

/** Printed for `--help`. */
export const USAGE = `npm run torture -- [options]

  --seed N        the same faults in the same order; random, and printed, by default
  --kills N       how often a server is killed; 50
  --faults a,b    only these faults besides the kills; --list shows all; none: only the kills
  --servers N     2
  --clients N     40
  --url URL       a service that runs elsewhere: it is only used; registers accounts there
  --seconds N     how long such a service is used; 60
  --other FOLDER  another checkout, built: its server is the last of the cluster
  --build FOLDER  the checkout whose servers run; this one
  --judge-timing  fail on figures of time, too
  --list          the faults and what they are
  --planted       plants faults in a copy of the built server, one at a time, and shows which promise each breaks;
                  with --only TEXT those whose description holds it`

/** @throws Error for what is no option */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      kills: { type: 'string', default: '50' },
      faults: { type: 'string' },
      servers: { type: 'string', default: '2' },
      clients: { type: 'string', default: '40' },
      url: { type: 'string' },
      seconds: { type: 'string', default: '60' },
      other: { type: 'string' },
      build: { type: 'string' },
      'judge-timing': { type: 'boolean', default: false },
    },
  })
  return {
    seed: number('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31))),
    kills: number('kills', values.kills),
    faults: faultsOf(values.faults, values.other !== undefined),
    servers: number('servers', values.servers),
    clients: number('clients', values.clients),
    url: values.url,
    seconds: number('seconds', values.seconds),
    other: values.other,
    build: values.build,
    judgeTiming: values['judge-timing'],
  }
}

function number(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} takes a whole number, not ${text}`)
  return Number(text)
}

function faultsOf(text: string | undefined, hasOther: boolean): FaultName[] {
  const all = Object.keys(FAULTS).filter(isFault)
  if (text === undefined) return all.filter((name) => hasOther || FAULTS[name].needs !== 'other')
  if (text === 'none') return []
  return text.split(',').map((name) => {
    if (!isFault(name)) throw new Error(`there is no fault ${name}; there are ${all.join(', ')}`)
    return name
  })
}

const isFault = (name: string): name is FaultName => Object.hasOwn(FAULTS, name)
