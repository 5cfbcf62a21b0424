import { connect, type Socket } from 'node:net'

/** What came back, as far as somebody who only measures looks at it. */
export interface Reply {
  status: number
  body: string
}

/** One connection that is kept, for requests one after the other: as cheap as can be, so that who measures takes little of the machine. */
export interface Connection {
  readonly isFree: boolean
  /** Sends a POST with JSON. @throws Error when the connection breaks; it is of no use then */
  post(path: string, body: object): Promise<Reply>
  end(): void
}

/** Connects to a server on this machine. @param onEnd told when it is of no use any more */
export function createConnection(port: number, onEnd: () => void): Connection {
  const socket: Socket = connect(port, '127.0.0.1')
  let pending: PromiseWithResolvers<Reply> | undefined
  let received = ''
  socket.setNoDelay(true)
  socket.setEncoding('latin1')
  socket.on('error', () => {})
  socket.on('close', () => {
    onEnd()
    pending?.reject(new Error('the connection broke'))
  })
  socket.on('data', (part: string) => {
    received += part
    const reply = replyIn(received)
    if (reply === undefined) return
    const answered = pending
    received = ''
    pending = undefined
    if (reply.isLast) socket.destroy()
    answered?.resolve(reply)
  })
  return {
    get isFree() {
      return pending === undefined && !socket.destroyed
    },
    post(path, body) {
      const text = JSON.stringify(body)
      pending = Promise.withResolvers<Reply>()
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: torture\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
        'latin1',
      )
      return pending.promise
    },
    end: () => socket.destroy(),
  }
}

/** A whole answer, once it is there. Servers tell the length of each. */
function replyIn(received: string): (Reply & { isLast: boolean }) | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = received.slice(0, end)
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
  const body = received.slice(end + 4)
  if (body.length < length) return undefined
  return { status: Number(head.slice(9, 12)), body, isLast: /^connection: close/im.test(head) }
}
