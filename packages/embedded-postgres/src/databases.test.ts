import { expect } from 'vitest'
import { cloneDatabase, createDatabase, dropDatabase, serverAt } from './databases.ts'
import { startThrowAwayPostgres } from './throw-away.ts'
import { ask, test as base } from './testing/test.ts'

const test = base.extend<{ url: string }>({
  url: [async ({}, use) => {
    const server = await startThrowAwayPostgres()
    await use(server.url)
    await server.stop()
  }, { scope: 'file' }],
})

test('clones a template, many at once', async ({ url }) => {
  const server = serverAt(url)
  await ask(await createDatabase(server, 'template'), 'create table part as select 7 as value')
  const clones = await Promise.all([1, 2, 3].map((worker) => cloneDatabase(server, `worker ${worker}`, 'template')))
  await ask(clones[0]!, 'update part set value = 8')
  expect(await Promise.all(clones.map((clone) => ask(clone, 'select value from part')))).toEqual([8, 7, 7])
})

test('drops a database that is in use, and one that is not there', async ({ url }) => {
  const server = serverAt(url)
  const used = ask(await createDatabase(server, 'Used'), 'select pg_sleep(60)').catch((fault: Error) => fault.message)
  await expect.poll(() => ask(url, `select count(*)::int from pg_stat_activity where datname = 'Used'`)).toBe(1)
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

test('counts statements on a server for tests', async ({ url }) => {
  await ask(url, 'create extension pg_stat_statements')
  await ask(url, 'select 4711')
  expect(await ask(url, `select sum(calls)::int from pg_stat_statements where query = 'select $1'`)).toBe(1)
})

base('a server for tests takes its data with it', async () => {
  const server = await startThrowAwayPostgres({ max_connections: '33' })
  expect(await ask(server.url, 'show max_connections')).toBe('33')
  await server.stop()
  await expect(ask(server.url, 'select 1')).rejects.toThrow('ENOENT')
})
