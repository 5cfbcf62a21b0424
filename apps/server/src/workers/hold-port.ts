import { once } from 'node:events'
import { createServer } from 'node:net'
import { listen } from '../http-server.ts'
import { StartError } from '../start-error.ts'

/** A port that the workers of this process may share, and those of no other. */
export interface HeldPort {
  port: number
  /** Lets others have it. The system does that, too, when the process is killed. */
  release(): void
}

/**
 * Takes a port for the workers to come. It is opened alone for a moment, which shows whether anybody listens there; but until
 * the first worker does, and whenever none is left, a second supervisor would find it free, and the two would share it and not
 * know. So its name is held, too, for as long as this process lives: as an abstract socket, of which nothing stays behind.
 *
 * @param port 0: any free one
 * @throws StartError when somebody has it, or it cannot be had
 */
export async function holdPort(host: string, port: number): Promise<HeldPort> {
  const probe = await listen({ host, port })
  try {
    return { port: probe.port, release: await holdName(`${host}:${probe.port}`) }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    const message = `Port ${probe.port} of ${host} is in use by the workers of another Latchkey. Stop it, or choose another one by PORT.`
    throw new StartError(message, { cause: error })
  } finally {
    await probe.close(0)
  }
}

/** Only Linux has such names; elsewhere a port is as good as the probe. */
async function holdName(name: string): Promise<() => void> {
  if (process.platform !== 'linux') return () => {}
  const server = createServer((socket) => socket.destroy())
  await once(server.listen({ path: `\0latchkey ${name}` }), 'listening')
  return () => server.close()
}
