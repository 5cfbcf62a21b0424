import { createLatchkeyClient, type Latchkey, type LatchkeyClientOptions } from '@latchkey/client'
import {
  createDevice,
  createNetwork,
  type Device,
  type Network,
  simulateTime,
  type SimulatedTime,
} from '@latchkey/client/testing'
import type { TestAccount } from '@latchkey/core/testing'
import { test as base } from './served.ts'

/** A tab with the client in it. */
export interface Page {
  client: Latchkey
  /** What its listeners heard. */
  heard: string[]
  show: () => void
  hide: () => void
}

/** A tab that has just logged in, to a new account. */
export interface SignedInPage extends Page {
  account: TestAccount
}

/** Clients on devices, a network that can fail, and the real server, all in one time. */
export const test = base
  .extend('network', (): Network => createNetwork())
  /** Moves the clocks of server and devices. */
  .extend('time', ({ clock, network }): SimulatedTime => {
    return simulateTime({
      moved: (milliseconds) => clock.advance(milliseconds / 1000),
      settled: () => network.settled(),
    })
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
  /** Opens one and logs in. The network has seen nothing of it. */
  .extend('signedIn', ({ openPage, makeAccount, network }) => {
    return async (options: Partial<LatchkeyClientOptions> = {}, on?: Device): Promise<SignedInPage> => {
      const page = openPage(options, on)
      const account = await makeAccount()
      await page.client.login(account)
      await network.settled()
      network.forget()
      return { ...page, account }
    }
  })

export { expect } from 'vitest'
