import type { ReactNode } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { createLatchkeyClient } from '../client.ts'
import type { Latchkey, LatchkeyClientOptions } from '../latchkey.ts'
import { openProxy, type Proxy } from './proxy.ts'
import { PASSWORD, test as base } from './server.ts'

/** What React has drawn, and what it complained of. */
export interface Page {
  container: HTMLElement
  /** All text of the page. */
  text: () => string
  /** Faults of hydration, and errors that a component threw. */
  complaints: string[]
  unmount: () => void
}

/** Pages in happy-dom, with a real client of a real server; its origin is that of happy-dom. */
export const test = base
  .extend('environment', { scope: 'file' }, () => ({ LATCHKEY_CORS_ORIGINS: 'http://localhost:3000' }))
  .extend('network', async ({ server }, { onCleanup }): Promise<Proxy> => {
    const proxy = await openProxy(server.url)
    onCleanup(() => proxy.close())
    return proxy
  })
  /** Opens a client, as each tab has one. */
  .extend('openClient', ({ network }, { onCleanup }) => {
    const clients: Latchkey[] = []
    onCleanup(() => {
      for (const client of clients) client.close()
      localStorage.clear()
    })
    return (options: Partial<LatchkeyClientOptions> = {}): Latchkey => {
      const client = createLatchkeyClient({ url: network.url, ...options })
      clients.push(client)
      return client
    }
  })
  .extend('client', ({ openClient }): Latchkey => openClient())
  /** Logs in with a new account, and gives its e-mail address. */
  .extend('logIn', ({ client, makeAccount }) => async (): Promise<string> => {
    const { email } = await makeAccount()
    await client.login({ email, password: PASSWORD })
    return email
  })
  /** Draws something: into an empty page, or over what a server has sent. */
  .extend('draw', ({}, { onCleanup }) => {
    const pages: Page[] = []
    onCleanup(() => {
      for (const page of pages) page.unmount()
    })
    return (element: ReactNode, html?: string): Page => {
      const container = document.createElement('div')
      const complaints: string[] = []
      const complain = (error: unknown) => void complaints.push(String(error))
      const options = { onRecoverableError: complain, onUncaughtError: complain }
      container.innerHTML = html ?? ''
      const root = html === undefined ? createRoot(container, options) : hydrateRoot(container, element, options)
      if (html === undefined) root.render(element)
      const page = { container, text: () => container.textContent, complaints, unmount: () => root.unmount() }
      pages.push(page)
      return page
    }
  })

export { expect } from 'vitest'
