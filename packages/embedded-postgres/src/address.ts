import { chown, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { type Home, makePrivateFolder } from './home.ts'

/** Where a postmaster listens: a folder with its socket (an absolute path), or a loopback address. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Only a name inside the private folder of a socket, so that two servers never meet. */
const SOCKET_PORT = 5432
/** What macOS allows, Linux 4 more: longer paths cannot be bound. */
const SOCKET_PATH_BYTES = 103
const OUTSIDE = '/tmp/latchkey-socket-'
/** Who does not even refuse a connection within this time is there, and stuck. */
const SILENCE_MILLISECONDS = 2000

export const isSocket = ({ host }: Address): boolean => host.startsWith('/')

const socketPath = ({ host, port }: Address): string => join(host, `.s.PGSQL.${port}`)

/** The folder for the socket as long as its path is short enough to be bound; the same for every process. */
export function socketInside(home: string): Address | undefined {
  const address = { host: join(home, 'socket'), port: SOCKET_PORT }
  return Buffer.byteLength(socketPath(address)) <= SOCKET_PATH_BYTES ? address : undefined
}

/**
 * Where a new postmaster shall listen: on a socket in a folder that nobody else can enter. It lies with the data, or for
 * a deep checkout in a new folder of /tmp, whose name postmaster.pid tells others. Windows has no such sockets in Node.
 */
export async function chooseAddress({ folder, systemUser }: Home, platform = process.platform): Promise<Address> {
  if (platform === 'win32') return { host: '127.0.0.1', port: await freePort() }
  const inside = socketInside(folder)
  if (inside) {
    await makePrivateFolder(inside.host, systemUser)
    return inside
  }
  const outside = await mkdtemp(OUTSIDE)
  if (systemUser) await chown(outside, systemUser.uid, systemUser.gid)
  return { host: outside, port: SOCKET_PORT }
}

/** Removes a socket's folder in /tmp, unless somebody answers there: a copy of our data names that of its original. */
export async function removeSocketFolder(address: Address): Promise<void> {
  if (!address.host.startsWith(OUTSIDE) || (await isAnswered(address))) return
  await rm(address.host, { recursive: true, force: true })
}

/** Whether anything listens there, found out without a log-in. */
export function isAnswered(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTo(address)
    socket.once('connect', () => socket.destroy() && resolve(true)).once('error', () => resolve(false))
  })
}

/** Whether nobody listens there any more. Who is slow, locked, full or recovering is not gone: no log-in is asked for. */
export function isGone(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTo(address)
    const found = (gone: boolean) => {
      socket.destroy()
      resolve(gone)
    }
    socket.once('connect', () => found(false))
    socket.once('error', (fault: NodeJS.ErrnoException) => found(['ECONNREFUSED', 'ENOENT'].includes(fault.code ?? '')))
    socket.setTimeout(SILENCE_MILLISECONDS, () => found(false))
  })
}

const connectTo = (address: Address): Socket => connect(isSocket(address) ? { path: socketPath(address) } : address)

/**
 * The URL of a database there. A socket's folder is the percent-encoded host: so node-postgres, libpq and MikroORM,
 * which takes only host, port, user, password and path from a URL, all understand it with no further option.
 */
export function urlOf({ host, port }: Address, password: string, database: string): string {
  return `postgresql://latchkey:${password}@${encodeURIComponent(host)}:${port}/${encodeURIComponent(database)}`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
