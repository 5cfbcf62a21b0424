import { startProcess } from './process.ts'

/** A server process that is ready, and how tests call it. */
export interface Instance {
  url: string
  /** Sends a JSON body and gives status and parsed body; a connection that breaks throws. */
  post(path: string, body: object): Promise<{ status: number; body: Record<string, string> }>
  /** Stops it where it is, as it stands. */
  freeze(): void
  /** Ends it in order: it answers what it has begun, and leaves the cluster. */
  stop(): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

/** Starts a server on a free port of loopback, from the sources, and waits until it is ready. */
export async function startInstance(environment: Record<string, string>): Promise<Instance> {
  const server = startProcess({ LATCHKEY_RATE_LIMITS: 'off', ...environment })
  const url = `http://127.0.0.1:${await server.says(/is ready[^]*localhost:(\d+)\/api/)}`
  return {
    url,
    async post(path, body) {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: (await response.json()) as Record<string, string> }
    },
    freeze: () => void server.child.kill('SIGSTOP'),
    async stop() {
      server.child.kill('SIGTERM')
      await server.ended
    },
    kill: () => server.kill(),
  }
}
