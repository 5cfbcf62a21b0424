import { createLatchkeyClient, type Latchkey, type LatchkeyClientOptions } from '@latchkey/client'
import {
  createDevice,
  createNetwork,
  type Device,
  type Network,
  simulateTime,
  type SimulatedTime,
} from '@latchkey/client/testing'
import { test as base } from './served.ts'

/** A tab with the client in it. */
export interface Page {
  client: Latchkey
  /** What its listeners heard. */
  heard: string[]
  show(): void
  hide(): void
}

/** Clients on devices, a network that can fail, and the real server, all in one time. */
export const test = base
  .extend('network', (): Network => createNetwork())
  /** Moves the clocks of server and devices. */
  .extend('time', ({ clock, network }): SimulatedTime => {
    return simulateTime({ moved: (milliseconds) => clock.advance(milliseconds / 1000), settled: network.settled })
  })
  .extend('device', ({ time }): Device => createDevice({ time }))
  /** Opens a tab on the device, or on another one. */
  .extend('openPage', ({ port, network, device }, { onCleanup }) => {
    const clients: Latchkey[] = []
    onCleanup(() => clients.forEach((client) => client.close()))
    return (options: Partial<LatchkeyClientOptions> = {}, on: Device = device): Page => {
      const { environment, storage, show, hide } = on.openTab()
      const url = `http://127.0.0.1:${port}`
      const client = createLatchkeyClient({ url, fetch: network.fetch, environment, storage, ...options })
      clients.push(client)
      const heard: string[] = []
      client.on((event) => void heard.push(event))
      return { client, heard, show, hide }
    }
  })

export { expect } from 'vitest'
