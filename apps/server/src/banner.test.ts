import { expect, test } from 'vitest'
import { banner, localUrl } from './banner.ts'

test('is six lines, of which the last can be pasted', () => {
  const lines = banner({ version: '1.2.3', host: '127.0.0.1', port: 8000, database: 'embedded PostgreSQL in .data' })
    .trimEnd()
    .split('\n')
  expect(lines).toHaveLength(6)
  expect(lines[0]).toBe('Latchkey 1.2.3 is ready.')
  expect(lines.join()).toContain('http://localhost:8000/docs')
  expect(lines[5]).toBe(
    `curl -X POST http://localhost:8000/api/register/ -d '{"password": "password", "email": "user@example.com"}' -H "Content-Type: application/json"`,
  )
})

test('shows the setup link while there is no admin', () => {
  const lines = banner({ version: '1.2.3', host: '::', port: 80, database: 'here', setupToken: 'abc' }).split('\n')
  expect(lines).toContain('  Admin     http://localhost:80/admin/setup#abc (1 h, once)')
  expect(lines).toHaveLength(7)
})

test.for([
  ['127.0.0.1', 'http://localhost:80'],
  ['0.0.0.0', 'http://localhost:80'],
  ['::', 'http://localhost:80'],
  ['192.0.2.1', 'http://192.0.2.1:80'],
  ['2001:db8::1', 'http://[2001:db8::1]:80'],
])('%s is reached at %s', ([host = '', url]) => {
  expect(localUrl(host, 80)).toBe(url)
})
