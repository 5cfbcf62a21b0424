import type { ServerFacts } from '@latchkey/core'
import { expect, test } from 'vitest'
import { serverFindings } from './database.ts'

const FACTS: ServerFacts = {
  version: '18.4',
  versionFits: true,
  synchronousCommit: 'on',
  writable: true,
  connections: 10,
  connectionsMax: 100,
  oldestTransactionSeconds: 3,
  dataFolder: null,
  clockAheadSeconds: 0,
  clockUncertaintySeconds: 0,
}

test.for([
  ['clock', 'ok', { clockAheadSeconds: 0.9 }],
  ['clock', 'warning', { clockAheadSeconds: -1.1 }],
  ['clock', 'warning', { clockAheadSeconds: 4.9 }],
  ['clock', 'failure', { clockAheadSeconds: -5.1 }],
  // A slow answer may be why.
  ['clock', 'ok', { clockAheadSeconds: 3, clockUncertaintySeconds: 2.5 }],
  ['database', 'failure', { version: '14.9', versionFits: false }],
  ['database', 'failure', { writable: false }],
  ['synchronous_commit', 'ok', { synchronousCommit: 'local' }],
  ['synchronous_commit', 'failure', { synchronousCommit: 'off' }],
  ['connections', 'warning', { connections: 90 }],
  ['transactions', 'ok', { oldestTransactionSeconds: 299 }],
  ['transactions', 'warning', { oldestTransactionSeconds: 300 }],
] as const)('%s: %s for %j', ([check, outcome, changed]) => {
  const finding = serverFindings({ ...FACTS, ...changed }, 'database').find((each) => each.check === check)
  expect(finding?.outcome).toBe(outcome)
  expect(finding?.remedy === undefined).toBe(outcome === 'ok')
})
