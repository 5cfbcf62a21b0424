import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test as base } from 'vitest'
import { listen } from '../http-server.ts'

/** A server that refuses whatever comes, unread, and how much of it has come through. */
const test = base.extend('refusing', async ({}, { onCleanup }) => {
  const server = await listen({ host: '127.0.0.1', port: 0 })
  const sockets: Socket[] = []
  server.serve((request, response) => {
    sockets.push(request.socket)
    response.writeHead(413, { Connection: 'close' }).end('too much')
  })
  onCleanup(async () => void (await server.close(0)))
  return { port: server.port, read: () => sockets.at(-1)?.bytesRead ?? 0 }
})

const CHUNK = Buffer.alloc(65_536, 'x')
const MANY = 400

test.for(['Content-Length: 26214400', 'Transfer-Encoding: chunked'])(
  'of a long body with %s nothing more is read, and its client hears why',
  async (length, { refusing: { port, read } }) => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    let answer = ''
    socket.on('error', () => {})
    socket.setEncoding('latin1').on('data', (part: string) => (answer += part))
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${length}\r\n\r\n`)
    const isChunked = length.startsWith('Transfer')
    for (let i = 0; i < MANY; i++) {
      if (isChunked) socket.write(`${CHUNK.length.toString(16)}\r\n`)
      socket.write(CHUNK)
      if (isChunked) socket.write('\r\n')
    }
    const began = performance.now()
    await new Promise((resolve) => socket.once('close', resolve))
    expect(answer).toContain('too much')
    expect(read()).toBeLessThan(4 * 2 ** 20)
    expect(performance.now() - began).toBeLessThan(2000)
  },
)
