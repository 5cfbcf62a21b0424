import { connect } from 'node:net'

const UPLOAD_BYTES = 64 * 2 ** 20
const CHUNK = Buffer.alloc(65_536, ' ')

/** Sends a body, announced or not, as far as the server lets it. @returns the first line of the answer */
function upload(port: number, announced: boolean): Promise<string> {
  return new Promise((resolve) => {
    let answer = 'no answer'
    const socket = connect(port, '127.0.0.1')
    const send = async () => {
      const length = announced ? `Content-Length: ${UPLOAD_BYTES}` : 'Transfer-Encoding: chunked'
      socket.write(`POST /api/login HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n${length}\r\n\r\n`)
      for (let sent = 0; sent < UPLOAD_BYTES && socket.writable; sent += CHUNK.length) {
        if (!announced) socket.write(`${CHUNK.length.toString(16)}\r\n`)
        const goesOn = socket.write(CHUNK)
        if (!announced) socket.write('\r\n')
        if (!goesOn) await new Promise<void>((drained) => socket.once('drain', drained).once('close', () => drained()))
      }
      socket.end()
    }
    socket.on('data', (part: Buffer) => {
      if (answer === 'no answer') answer = part.toString('latin1').slice(9, 12)
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
    void send()
  })
}

const [port = '', count = ''] = process.argv.slice(2)
const answers = await Promise.all(Array.from({ length: Number(count) }, (_, i) => upload(Number(port), i % 2 === 0)))
const counts = Map.groupBy(answers, (answer) => answer)
console.log([...counts].map(([answer, all]) => `${answer} (${all.length})`).join(', '))
