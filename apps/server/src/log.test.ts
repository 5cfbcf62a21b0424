import { expect, test } from 'vitest'
import { createLog } from './log.ts'

function record(format: 'json' | 'people', level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = []
  const log = createLog({ level, version: '1.2.3', format, destination: { write: (line) => void lines.push(line) } })
  return { log, lines }
}

test('writes JSON lines that name level, time and version', () => {
  const { log, lines } = record('json')
  log.info({ requestId: 'r-1' }, 'answered')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    version: '1.2.3',
    requestId: 'r-1',
    msg: 'answered',
  })
})

test('a secret that somebody logs by mistake is gone', () => {
  const { log, lines } = record('json')
  log.warn(
    {
      password: 'opensesame',
      body: { refresh_token: 'opensesame' },
      req: { headers: { authorization: 'opensesame', 'idempotency-key': 'opensesame' } },
      retryKey: 'opensesame',
    },
    'slip',
  )
  expect(lines.join()).not.toContain('opensesame')
})

test('an error of the database shows its code and rule, and none of its values', () => {
  const { log, lines } = record('json')
  const refused = Object.assign(new Error(`insert into account values ('opensesame') - duplicate key`), {
    code: '23505',
    constraint: 'account_email_unique',
    detail: 'Key (email)=(opensesame) already exists.',
    where: 'opensesame',
  })
  log.error({ err: new Error('fault', { cause: refused }) }, 'failed')
  expect(lines.join()).not.toContain('opensesame')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    err: { message: 'fault', cause: { code: '23505', constraint: 'account_email_unique' } },
  })
})

test('a URL in an error loses its password', () => {
  const { log, lines } = record('people')
  log.error({ err: new Error('cannot reach postgres://latchkey:open/ses@me@host/db') }, 'failed')
  expect(lines.join()).toContain('postgres://…@host/db')
})

test('a line for people is short', () => {
  const { log, lines } = record('people')
  log.info({ status: 200, path: '/api/me/' }, 'answered')
  log.warn({}, 'careful')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d answered status=200 path=\/api\/me\/\n$/)
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d warn: careful\n$/)
})
