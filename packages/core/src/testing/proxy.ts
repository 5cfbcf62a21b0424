import { once } from 'node:events'
import { createServer, type NetConnectOpts, type Socket, connect } from 'node:net'

/** A wire to a database that a test can cut or freeze, and mend. */
export interface Proxy {
  /** The database's URL, through the wire. */
  url: string
  /** Breaks all connections and accepts no more. */
  cut(): void
  /** Lets nothing through any more, without saying so. */
  freeze(): void
  mend(): void
  close(): Promise<void>
}

/** Puts a wire on loopback in front of the database of a URL. */
export async function createProxy(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl)
  const host = decodeURIComponent(target.hostname)
  const to: NetConnectOpts = host.startsWith('/')
    ? { path: `${host}/.s.PGSQL.${target.port || 5432}` }
    : { host, port: Number(target.port || 5432) }
  const ends = new Set<Socket>()
  let state: 'open' | 'cut' | 'frozen' = 'open'

  const server = createServer((near) => {
    if (state === 'cut') return near.destroy()
    const far = connect(to)
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from)
      from.on('error', () => into.destroy())
      from.on('close', () => {
        ends.delete(from)
        into.destroy()
      })
      from.pipe(into)
    }
    if (state === 'frozen') far.pause()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as { port: number }).port)
  const cut = () => {
    state = 'cut'
    for (const end of ends) end.destroy()
  }
  return {
    url: url.href,
    cut,
    freeze() {
      state = 'frozen'
      for (const end of ends) end.unpipe()
    },
    mend() {
      cut()
      state = 'open'
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
