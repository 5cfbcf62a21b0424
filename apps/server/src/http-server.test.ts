import { once } from 'node:events'
import { Agent, type ClientRequest, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { expect, test as base } from 'vitest'
import { type HttpServer, listen } from './http-server.ts'

/** A server, what it was asked, and a client that keeps its connection. */
const test = base
  .extend('agent', () => new Agent({ keepAlive: true }))
  .extend('server', async ({ agent }, { onCleanup }): Promise<HttpServer> => {
    const server = await listen({ host: '127.0.0.1', port: 0 })
    onCleanup(async () => {
      agent.destroy()
      await server.close(0)
    })
    return server
  })
  .extend(
    'ask',
    ({ server, agent }) =>
      (): ClientRequest =>
        get({ port: server.port, host: '127.0.0.1', agent }),
  )

async function answerTo(request: ClientRequest): Promise<{ response: IncomingMessage; body: string }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { response, body: (await response.setEncoding('utf8').toArray()).join('') }
}

/** A listener that tells of each request and leaves the answer to the test. */
function held() {
  const asked = Promise.withResolvers<ServerResponse>()
  return { asked: asked.promise, listener: (_: IncomingMessage, response: ServerResponse) => asked.resolve(response) }
}

test('what comes before there is a listener waits for it', async ({ server, ask }) => {
  const answer = answerTo(ask())
  server.serve((_, response) => response.end('late, but here'))
  expect((await answer).body).toBe('late, but here')
})

test('an answer in flight is finished, and its connection closed after it', async ({ server, ask }) => {
  const { asked, listener } = held()
  server.serve(listener)
  const answer = answerTo(ask())
  const response = await asked
  const closed = server.close(5000)
  response.end('whole')
  expect((await answer).body).toBe('whole')
  expect((await answer).response.headers.connection).toBe('close')
  expect(await closed).toBe(0)
})

test('a stream whose head is out is finished as well', async ({ server, ask }) => {
  const { asked, listener } = held()
  server.serve(listener)
  const answer = answerTo(ask())
  const response = await asked
  response.write('first, ')
  const closed = server.close(5000)
  response.end('last')
  expect((await answer).body).toBe('first, last')
  expect(await closed).toBe(0)
})

test('while it closes, nobody new gets in', async ({ server, ask }) => {
  const { asked, listener } = held()
  server.serve(listener)
  const answer = answerTo(ask())
  const response = await asked
  const closed = server.close(5000)
  await expect(once(get({ port: server.port, host: '127.0.0.1', agent: new Agent() }), 'response')).rejects.toThrow(
    'ECONNREFUSED',
  )
  response.end()
  await answer
  await closed
})

test('a request on its way on a kept connection is answered', async ({ server, ask }) => {
  server.serve((_, response) => response.end('answered'))
  await answerTo(ask())
  const closed = server.close(5000)
  const second = await answerTo(ask())
  expect(second.body).toBe('answered')
  expect(await closed).toBe(0)
})

test('what takes too long is cut and counted', async ({ server, ask }) => {
  const { asked, listener } = held()
  server.serve(listener)
  const lost = answerTo(ask()).catch((error: unknown) => error)
  await asked
  expect(await server.close(10)).toBe(1)
  expect(await lost).toMatchObject({ message: 'socket hang up' })
})

test.for([
  ['127.0.0.1', 'is in use'],
  ['192.0.2.1', 'is no address of this machine'],
])('a port of %s that cannot be opened %s', async ([host = '', fault], { expect: expecting }) => {
  const other = await listen({ host: '127.0.0.1', port: 0 })
  await expecting(listen({ host, port: other.port })).rejects.toThrow(fault)
  await other.close(0)
})

test('a connection on which nothing was ever asked does not hold up the end', { timeout: 5000 }, async ({ server }) => {
  server.serve((_, response) => response.end())
  await once(connect(server.port, '127.0.0.1'), 'connect')
  expect(await server.close(60_000)).toBe(0)
})

test('who asks whether it may send a body that is too large is not told to go on', async ({ server }) => {
  server.serve((_, response) => response.writeHead(413, { connection: 'close' }).end())
  for (const [length, first] of [
    [100, '100'],
    [65_537, '413'],
  ] as const) {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(new RegExp(`^HTTP/1.1 ${first} `))
    socket.destroy()
  }
})

test('one connection too many is closed, and told of once; the others go on', async ({ onTestFinished }) => {
  const told: string[] = []
  const server = await listen({ host: '127.0.0.1', port: 0, connectionsMax: 2, onFull: () => told.push('full') })
  server.serve((_, response) => response.end('served'))
  const within = [connect(server.port, '127.0.0.1'), connect(server.port, '127.0.0.1')] as const
  onTestFinished(async () => {
    for (const socket of within) socket.destroy()
    await server.close(0)
  })
  await Promise.all(within.map((socket) => once(socket, 'connect')))
  for (let more = 0; more < 3; more++)
    await once(
      connect(server.port, '127.0.0.1').on('error', () => {}),
      'close',
    )
  expect(told).toEqual(['full'])
  within[0].write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(String((await once(within[0], 'data'))[0])).toContain('served')
})
