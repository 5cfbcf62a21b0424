import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Pool } from 'pg'
import { withConnection } from './connection.ts'
import { startEmbeddedPostgres } from './start.ts'
import { ask, expect, folderOf, homeOf, ordinaryUser, ordinaryUserCanRun, test } from './testing/test.ts'

test('gives a URL that a pool of node-postgres takes as it is', async ({ dataDir }) => {
  const server = await startEmbeddedPostgres({ dataDir: dataDir() })
  const pool = new Pool({ connectionString: server.url })
  const { rows } = await pool.query('select current_database() as name')
  await pool.end()
  await server.stop()
  expect(rows).toEqual([{ name: 'latchkey' }])
})

test('gives a URL whose parts alone lead there, as MikroORM takes them', async ({ dataDir }) => {
  const server = await startEmbeddedPostgres({ dataDir: dataDir('with a space') })
  const { hostname, port, username, password, pathname } = new URL(server.url)
  const client = new Client({
    host: decodeURIComponent(hostname),
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
  })
  await client.connect()
  await client.end()
  await server.stop()
})

test('keeps what was committed from one start to the next', async ({ dataDir }) => {
  const options = { dataDir: dataDir() }
  const first = await startEmbeddedPostgres(options)
  await ask(first.url, 'create table kept as select 42 as value')
  await first.stop()
  const second = await startEmbeddedPostgres(options)
  expect(await ask(second.url, 'select value from kept')).toBe(42)
  expect(second.url).toBe(first.url)
  await second.stop()
})

test('is durable, speaks UTF-8 and listens on its socket only', async ({ dataDir }) => {
  const server = await startEmbeddedPostgres({ dataDir: dataDir() })
  const settings = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'data_checksums',
    'server_encoding',
    'listen_addresses',
    'password_encryption',
  ]
  const values = await Promise.all(settings.map((name) => ask(server.url, `show ${name}`)))
  expect(values).toEqual(['on', 'on', 'on', 'on', 'UTF8', '', 'scram-sha-256'])
  expect(await ask(server.url, `select lower('ÄÖÜ ΑΒΓ ДЖ')`)).toBe('äöü αβγ дж')
  await server.stop()
})

test('takes settings, but not where to listen', async ({ dataDir }) => {
  const settings = { max_connections: '37', listen_addresses: '*', port: '1' }
  const server = await startEmbeddedPostgres({ dataDir: dataDir(), settings })
  expect(await ask(server.url, 'show max_connections')).toBe('37')
  expect(await ask(server.url, 'show listen_addresses')).toBe('')
  await server.stop()
})

test('lets only its own user at the password and the socket', async ({ dataDir }) => {
  const server = await startEmbeddedPostgres({ dataDir: dataDir() })
  const { folder } = await homeOf(dataDir())
  const modeOf = async (name: string): Promise<number> => (await stat(join(folder, name))).mode & 0o777
  expect(await Promise.all(['password', 'socket', 'data', 'postgres.log'].map(modeOf))).toEqual([
    0o600, 0o700, 0o700, 0o600,
  ])
  const wrong = new URL(server.url)
  wrong.password = 'wrong'
  await expect(ask(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
  await server.stop()
})

test('writes no value of a failed statement into its log', async ({ dataDir }) => {
  const server = await startEmbeddedPostgres({ dataDir: dataDir() })
  await withConnection(server.url, async (client) => {
    await client.query('create table unique_value (value text unique)')
    await client.query(`insert into unique_value values ('a-secret')`)
    await expect(client.query(`insert into unique_value values ('a-secret')`)).rejects.toThrow('duplicate key')
    await expect(client.query(`insert into unique_value values ($1)`, ['a-secret'])).rejects.toThrow('duplicate key')
  })
  await server.stop()
  const log = await readFile(join((await homeOf(dataDir())).folder, 'postgres.log'), 'utf8')
  expect(log).toContain('duplicate key')
  expect(log).not.toContain('a-secret')
})

test.for([`it's "here", äöü 漢`, 'deep/'.repeat(40)])('works below a folder named %j', async (name, { dataDir }) => {
  const server = await startEmbeddedPostgres({ dataDir: dataDir(`${name}/postgres`) })
  expect(await ask(server.url, 'select 1')).toBe(1)
  const socketFolder = decodeURIComponent(new URL(server.url).hostname)
  await server.stop()
  expect(existsSync(join(socketFolder, '.s.PGSQL.5432'))).toBe(false)
})

test('lets two clones run side by side', async ({ dataDir }) => {
  const [one, other] = [dataDir('one'), dataDir('other')]
  const servers = [await startEmbeddedPostgres({ dataDir: one }), await startEmbeddedPostgres({ dataDir: other })]
  const folders = await Promise.all(servers.map((server) => ask(server.url, 'show data_directory')))
  expect(new Set(folders).size).toBe(2)
  for (const server of servers) await server.stop()
})

test.skipIf(!ordinaryUserCanRun)(
  'runs as an ordinary user, whatever its environment says (one that can enter here)',
  async ({ folder, dataDir, owner }) => {
    const user = await ordinaryUser()
    await folderOf(user, join(folder, 'theirs'))
    const env = {
      LC_ALL: 'xx_YY.KOI8-R',
      LANG: 'none',
      PGDATA: '/nowhere',
      PGHOST: 'nowhere.invalid',
      PGPORT: '1',
      PGUSER: 'nobody',
      PGSSLMODE: 'require',
      PGDATABASE: 'none',
    }
    const running = owner(dataDir('theirs/postgres'), { user, env })
    expect(await ask(await running.url(), 'show lc_messages')).toBe('C')
    await running.stop()
  },
)
