import { expect, test } from 'vitest'
import { sessionsFinding } from './operation.ts'

test.for([
  ['ok', { sessions: 0, sessionBytes: 60_000_000 }],
  ['ok', { sessions: 100_000, sessionBytes: 150_000_000 }],
  ['warning', { sessions: 100, sessionBytes: 100_000_000 }],
  ['warning', { sessions: 100_000, sessionBytes: 600_000_000 }],
] as const)('the table of sessions: %s for %j', ([outcome, facts]) => {
  const finding = sessionsFinding({ admins: 1, eventsWithoutMonth: 0, revision: 0, ...facts })
  expect(finding.outcome).toBe(outcome)
  expect(finding.remedy === undefined).toBe(outcome === 'ok')
})
