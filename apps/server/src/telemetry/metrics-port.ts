import { once } from 'node:events'
import { createServer } from 'node:http'
import { StartError } from '../start-error.ts'
import type { Metrics } from './metrics.ts'

/** Where metrics are served beside the API. */
export interface MetricsPort {
  readonly port: number
  close(): Promise<void>
}

/**
 * Serves `/metrics` on a port of its own, for who can reach that.
 *
 * @throws StartError when the port cannot be had
 */
export async function serveMetrics(
  { registry }: Pick<Metrics, 'registry'>,
  { host, port }: { host: string; port: number },
): Promise<MetricsPort> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || !/^\/metrics\/?(\?|$)/.test(request.url ?? '')) {
      response.writeHead(404).end()
      return
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  try {
    await once(server.listen({ host, port }), 'listening')
  } catch (error) {
    throw new StartError(`LATCHKEY_METRICS_PORT ${port} of ${host} cannot be opened: choose another one.`, {
      cause: error,
    })
  }
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
