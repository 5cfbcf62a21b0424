// @vitest-environment happy-dom
import { createElement } from 'react'
import { vi } from 'vitest'
import { expect, type Page, test as base } from '../testing/page.tsx'
import { PASSWORD } from '../testing/server.ts'

/** The server that the examples name is the one of this test. */
const test = base.extend('elsewhere', { auto: true }, ({ server }, { onCleanup }) => {
  const { fetch } = globalThis
  vi.stubGlobal('fetch', async (input: string, init: RequestInit) =>
    fetch(input.replace('http://localhost:8000', server.url), init),
  )
  onCleanup(() => {
    vi.unstubAllGlobals()
    localStorage.clear()
  })
})

/** Fills in the form and sends it. */
async function signIn({ container }: Page, account: { email: string; password: string }): Promise<void> {
  await expect.poll(() => container.querySelector('form')).not.toBeNull()
  for (const [name, value] of Object.entries(account)) {
    const field = container.querySelector(`input[name=${name}]`) as HTMLInputElement
    field.value = value
  }
  container.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
}

test('the app signs in and out', async ({ draw, makeAccount }) => {
  const { App } = await import('../examples/react-app.tsx')
  const page = draw(createElement(App))
  const { email } = await makeAccount()
  const alerted = vi.fn<(text: string) => void>()
  vi.stubGlobal('alert', alerted)
  await signIn(page, { email, password: 'wrong' })
  await expect.poll(() => alerted.mock.calls).toEqual([['Wrong e-mail or password']])
  await signIn(page, { email, password: PASSWORD })
  await expect.poll(page.text).toBe(`Hello ${email} Sign out`)
  page.container.querySelector('button')?.click()
  await expect.poll(() => page.container.querySelector('form')).not.toBeNull()
})

test('the queries list the sessions, and end one', async ({ draw, makeAccount, server }) => {
  const { createLatchkeyClient } = await import('../client.ts')
  const account = await makeAccount()
  // The storage is the same, so it is the same session.
  const tab = createLatchkeyClient({ url: 'http://localhost:8000' })
  await tab.login(account)
  await createLatchkeyClient({ url: server.url, storage: 'memory' }).login(account)
  const { App } = await import('../examples/react-queries.tsx')
  const page = draw(createElement(App))
  await expect.poll(() => page.container.querySelectorAll('li').length).toBe(2)
  page.container.querySelector('button')?.click()
  await expect.poll(() => page.container.querySelectorAll('li').length).toBe(1)
  tab.close()
})
