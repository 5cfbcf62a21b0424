import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A wire between one server and the database, which can be broken in every way that a network can. */
export interface Wire {
  /** The database's URL, through the wire. */
  readonly url: string
  /** Where it leads from now on. */
  lead(databaseUrl: string): void
  /** Breaks all connections, once. */
  cut(): void
  /** Breaks all connections and accepts no more. */
  close(): void
  /** Lets nothing through any more, without saying so. */
  swallow(): void
  /** Lets nothing through any more on the connections that there are, for good and without saying so. New ones are all right. */
  forget(): void
  /** Everything takes so many milliseconds longer, in each direction. */
  slow(ms: number): void
  /** Keeps back what the database answers, on all connections; mending the wire lets it through. */
  hold(): void
  /** Puts everything right; what was swallowed is gone with its connections. */
  mend(): void
  /**
   * Waits for the next statement whose name begins so, and stops its connection there: `before` it reaches the database, or
   * `after` the database has carried it out, with the answer held back. Resolves then.
   */
  stopAt(statement: string, point: 'before' | 'after'): Promise<void>
  end(): Promise<void>
}

interface Trap {
  statement: string
  point: 'before' | 'after'
  sprung: () => void
}

/** Puts a wire on loopback in front of the database of a URL. */
export async function createWire(databaseUrl: string): Promise<Wire> {
  let target = addressOf(databaseUrl)
  let state: 'open' | 'closed' | 'swallowing' = 'open'
  let latency = 0
  /** How often connections were forgotten. */
  let forgotten = 0
  /** While answers are held back: resolves when they no longer are. */
  let held: PromiseWithResolvers<void> | undefined
  let trap: Trap | undefined
  const ends = new Set<Socket>()

  const join = (near: Socket, far: Socket) => {
    /** Set from the moment that this connection's statement has sprung a trap. */
    let holding: Trap | undefined
    const born = forgotten
    /** By direction: what is under way there. Nothing overtakes it, however slow the wire was then. */
    const underWay = new Map<Socket, Promise<void>>()
    const pass = (into: Socket, chunk: Buffer) => {
      if (state === 'swallowing' || born < forgotten) return
      const before = underWay.get(into)
      const hindered = latency > 0 || (held !== undefined && into === near)
      if (before === undefined && !hindered) return into.write(chunk)
      const arrive = async () => {
        await Promise.all([before, delay(latency), into === near ? held?.promise : undefined])
        if (!into.destroyed) into.write(chunk)
        if (underWay.get(into) === arrival) underWay.delete(into)
      }
      const arrival: Promise<void> = arrive()
      underWay.set(into, arrival)
    }
    near.on('data', (chunk) => {
      if (trap !== undefined && chunk.includes(trap.statement)) {
        holding = trap
        trap = undefined
        if (holding.point === 'before') return holding.sprung()
      }
      if (holding?.point !== 'before') pass(far, chunk)
    })
    far.on('data', (chunk) => {
      if (holding === undefined) pass(near, chunk)
      else holding.sprung()
    })
  }

  const server = createServer((near) => {
    if (state === 'closed') return near.destroy()
    const far = connect(target)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one)
      one.setNoDelay(true)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        ends.delete(one)
        other.destroy()
      })
    }
    join(near, far)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const cut = () => {
    for (const end of ends) end.destroy()
  }
  return {
    url: url.href,
    lead(newUrl) {
      target = addressOf(newUrl)
    },
    cut,
    close() {
      state = 'closed'
      cut()
    },
    swallow() {
      state = 'swallowing'
    },
    forget() {
      forgotten++
    },
    slow(ms) {
      latency = ms
    },
    hold() {
      held ??= Promise.withResolvers<void>()
    },
    mend() {
      if (state === 'swallowing') cut()
      state = 'open'
      latency = 0
      held?.resolve()
      held = undefined
      trap = undefined
    },
    stopAt: (statement, point) =>
      new Promise((resolve) => {
        trap = { statement, point, sprung: resolve }
      }),
    async end() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Sockets, too: the embedded PostgreSQL has its own in a folder. */
function addressOf(databaseUrl: string): NetConnectOpts {
  const { hostname, port, searchParams } = new URL(databaseUrl)
  const host = searchParams.get('host') ?? decodeURIComponent(hostname)
  const number = Number(searchParams.get('port') ?? (port || 5432))
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${number}` } : { host, port: number }
}
