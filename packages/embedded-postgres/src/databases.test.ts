import { afterAll } from 'vitest'
import { cloneDatabase, createDatabase, dropDatabase, serverAt } from './databases.ts'
import { startThrowAwayPostgres } from './throw-away.ts'
import { ask, expect, test } from './testing/test.ts'

const server = await startThrowAwayPostgres()
afterAll(() => server.stop())

test('clones a template, many at once', async () => {
  await ask(await createDatabase(server, 'template'), 'create table part as select 7 as value')
  const clones = await Promise.all([1, 2, 3].map((worker) => cloneDatabase(server, `worker ${worker}`, 'template')))
  await ask(clones[0]!, 'update part set value = 8')
  expect(await Promise.all(clones.map((clone) => ask(clone, 'select value from part')))).toEqual([8, 7, 7])
})

test('drops a database that is in use, and one that is not there', async () => {
  const used = ask(await createDatabase(server, 'Used'), 'select pg_sleep(60)').catch((fault: Error) => fault.message)
  await expect.poll(() => ask(server.url, `select count(*)::int from pg_stat_activity where datname = 'Used'`)).toBe(1)
  await dropDatabase(server, 'Used')
  await dropDatabase(server, 'Used')
  expect(await used).toContain('terminating connection')
})

test('leads from the URL of one database to another, on any server', () => {
  const socket = serverAt('postgresql://latchkey:pw@%2Ftmp%2Fa%20b:5432/latchkey')
  expect(socket.urlOf('other')).toBe('postgresql://latchkey:pw@%2Ftmp%2Fa%20b:5432/other')
  const tcp = serverAt('postgres://app:pw@db.example:6432/app?sslmode=require')
  expect(tcp.urlOf('other')).toBe('postgres://app:pw@db.example:6432/other?sslmode=require')
})

test('counts statements on a server for tests', async () => {
  await ask(server.url, 'create extension pg_stat_statements')
  await ask(server.url, 'select 4711')
  expect(await ask(server.url, `select sum(calls)::int from pg_stat_statements where query = 'select $1'`)).toBe(1)
})

test('a server for tests takes its data with it', async () => {
  const another = await startThrowAwayPostgres({ max_connections: '33' })
  expect(await ask(another.url, 'show max_connections')).toBe('33')
  await another.stop()
  await expect(ask(another.url, 'select 1')).rejects.toThrow('ENOENT')
})
