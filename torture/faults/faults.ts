import { floodLogins, giantBodies, slowSockets } from './clients.ts'
import {
  crashDatabase,
  exhaustConnections,
  killBackend,
  lockRows,
  lockTables,
  loseListener,
  readOnly,
} from './database.ts'
import type { Fault } from './fault.ts'
import { killAtRandom, killsAfterCommit, killsBeforeStatement } from './kills.ts'
import {
  cutConnections,
  exhaustPool,
  forgetConnections,
  loseAnswers,
  refuseConnections,
  slowDatabase,
  swallow,
} from './network.ts'
import { moveClock, rollingRestart, twoVersions } from './operators.ts'

/** The ways in which a server is killed; `--kills` says how often. */
export const KILLS: Fault[] = [killAtRandom, ...killsBeforeStatement, ...killsAfterCommit]

/** Everything else that is broken, once each unless told otherwise. */
export const FAULTS = {
  'crash-database': crashDatabase,
  'kill-backend': killBackend,
  'lock-tables': lockTables,
  'lock-rows': lockRows,
  'read-only': readOnly,
  'lose-listener': loseListener,
  'cut-connections': cutConnections,
  'refuse-connections': refuseConnections,
  swallow,
  'forget-connections': forgetConnections,
  'slow-database': slowDatabase,
  'exhaust-pool': exhaustPool,
  'exhaust-connections': exhaustConnections,
  'lose-answers': loseAnswers,
  'flood-logins': floodLogins,
  'slow-sockets': slowSockets,
  'giant-bodies': giantBodies,
  'rolling-restart': rollingRestart,
  'move-clock': moveClock,
  'two-versions': twoVersions,
} as const satisfies Record<string, Fault>

/** One of {@link FAULTS}. */
export type FaultName = keyof typeof FAULTS
