import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { ROOT } from './workspace.mjs'

const POLL_MILLISECONDS = 200

/**
 * Runs `work` while no other run works in this clone: two installs at once would write into the same files.
 *
 * The lock is a name to listen on, not a file: the system frees it however its owner dies. Only Linux and Windows have
 * such names; elsewhere nothing is locked.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @param {() => void} onWait called once if another run has to be waited for
 * @returns {Promise<T>}
 */
export async function alone(work, onWait) {
  const name = lockName()
  if (!name) return work()
  let server = await listen(name)
  if (!server) onWait()
  while (!server) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS))
    server = await listen(name)
  }
  try {
    return await work()
  } finally {
    server.close()
  }
}

function lockName() {
  const id = `latchkey-${createHash('sha256').update(ROOT).digest('hex').slice(0, 32)}`
  if (process.platform === 'linux') return `\0${id}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${id}`
  return undefined
}

/**
 * @param {string} name
 * @returns {Promise<import('node:net').Server | undefined>} nothing while somebody else listens on this name
 */
function listen(name) {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    // Where a sandbox forbids sockets there is no lock, but that is no reason not to start.
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      resolve(error.code === 'EADDRINUSE' ? undefined : server)
    })
    server.listen(name, () => resolve(server))
  })
}
