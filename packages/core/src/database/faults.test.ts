import { expect, test } from 'vitest'
import { LatchkeyError } from '../errors.ts'
import { asFault } from './faults.ts'

const fault = (code: string, message = '') => Object.assign(new Error(message), { code })

test.each([
  ['nobody listens', fault('ECONNREFUSED')],
  ['the socket is gone', fault('ENOENT')],
  ['every address refused', new AggregateError([fault('ECONNREFUSED'), fault('ECONNREFUSED')])],
  ['the connection broke', new Error('Connection terminated unexpectedly')],
  ['no answer comes', new Error('Query read timeout')],
  ['the pool is exhausted', new Error('timeout exceeded when trying to connect')],
  ['it is read-only', fault('25006')],
  ['a row is locked', fault('55P03')],
  ['the statement took too long', fault('57014')],
  ['it is shutting down', fault('57P01')],
  ['it has too many connections', fault('53300')],
  ['its disk is full', fault('53100')],
  ['a deadlock', fault('40P01')],
  ['a migration is pending', fault('42P01')],
  ['a function is not there yet', fault('42883')],
  ['it takes no connections', fault('55000')],
  ['our role may not', fault('42501')],
])('%s: unavailable, with a time to try again', (_, error) => {
  expect(asFault(error)).toMatchObject({ code: 'unavailable', retryAfter: 1, cause: error })
})

test.each([fault('23505'), fault('22021'), fault('42601'), new TypeError('ours'), 'text'])(
  '%s stays what it is',
  (error) => {
    expect(asFault(error)).toBe(error)
    expect(asFault(error)).not.toBeInstanceOf(LatchkeyError)
  },
)
