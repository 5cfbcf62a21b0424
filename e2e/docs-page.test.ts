import { join } from 'node:path'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { test as base, expect } from 'vitest'
import { findChromium, openBrowser, openPage, type WatchedPage } from './browser.ts'
import { startServer } from './server.ts'

const chromium = findChromium()
/** Where the pictures of this run are, to be looked at. */
const PICTURES = join(import.meta.dirname, '../reports/docs-page')
const WIDE = { viewport: { width: 1280, height: 900 } }
const REGISTER = 'auth/POST/api/register/'
const LOGIN = 'auth/POST/api/login/'
const ME = 'me/GET/api/me/'
const OPERATIONS = [REGISTER, LOGIN, 'auth/POST/api/refresh/', 'auth/POST/api/logout/', ME, 'me/PUT/api/me/']

/** The docs of a really started server, in a real browser without a network. */
const test = base
  .extend('server', { scope: 'file' }, async ({}, { onCleanup }) => {
    const server = await startServer()
    onCleanup(() => server.stop())
    return server
  })
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await openBrowser('path' in chromium ? chromium.path : '')
    onCleanup(() => browser.close())
    return browser
  })
  .extend('open', ({ browser, server }) => async (place: string, options: BrowserContextOptions = WIDE) => {
    const watched = await openPage(browser, server.url, options)
    await watched.page.goto(`${server.url}/docs/${place}`)
    const title = watched.page.getByRole('heading', { level: 1, name: 'Latchkey' })
    await expect.poll(() => title.count().then((count) => count > 0 || watched.wrongs), { timeout: 20_000 }).toBe(true)
    return watched
  })

/** The part of the page about one operation. */
const operation = (page: Page, id: string): Locator => page.locator(`[id="latchkey/tag/${id}"]`)
const testRequest = (page: Page, id: string): Locator =>
  operation(page, id).getByRole('button', { name: 'Test Request' })
const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '')

/** Goes to an operation by the list at the left: what is far below is drawn only when one comes there. */
async function goTo(page: Page, id: string): Promise<void> {
  await page.locator(`a[href="#tag/${id}"]`).first().click()
  await testRequest(page, id).waitFor()
}

/** Opens the window of "Test request", which has the example's values. */
async function openRequest({ page }: WatchedPage, id: string): Promise<Locator> {
  await goTo(page, id)
  await testRequest(page, id).click()
  const client = page.getByRole('dialog')
  await client.getByRole('button', { name: 'Send' }).first().waitFor()
  return client
}

/** Sends the request of the open window, closes it, and gives what the server answered. */
async function send({ page }: WatchedPage, client: Locator): Promise<{ status: number; body: Record<string, string> }> {
  const answered = page.waitForResponse((response) => response.url().includes('/api/'))
  await client.getByRole('button', { name: 'Send' }).first().click()
  const response = await answered
  // What a person sees: the status in the window.
  await client.getByText(String(response.status())).first().waitFor()
  const answer = { status: response.status(), body: await response.json() }
  await client.getByRole('button', { name: 'Close Client' }).click()
  await client.waitFor({ state: 'hidden' })
  return answer
}

const reason = 'missing' in chromium ? ` (skipped: ${chromium.missing})` : ''
const inBrowser = test.skipIf('missing' in chromium)

inBrowser(`register, log in, and me with the token${reason}`, async ({ open }) => {
  const docs = await open('')
  const registered = await send(docs, await openRequest(docs, REGISTER))
  expect(registered).toEqual({ status: 201, body: { id: 1, email: 'user@example.com' } })

  const loggedIn = await send(docs, await openRequest(docs, LOGIN))
  expect(loggedIn.status).toBe(200)

  const client = await openRequest(docs, ME)
  await client.getByPlaceholder('Token').fill(loggedIn.body.access_token ?? '')
  const me = await send(docs, client)
  expect(me).toEqual({ status: 200, body: { id: 1, username: '', email: 'user@example.com' } })
  expect(docs.wrongs).toEqual([])
})

inBrowser(`all of it is read without another origin, a violation or an error${reason}`, async ({ open }) => {
  const { page, wrongs } = await open('')
  for (const id of OPERATIONS) await goTo(page, id)
  await operation(page, 'me/PUT/api/me/').getByText('Show Schema').click()
  await page.getByRole('button', { name: 'Set dark mode' }).click()
  expect(wrongs).toEqual([])
})

inBrowser(`the address of an error leads to what it means${reason}`, async ({ open }) => {
  const { page, wrongs } = await open('#description/token_expired')
  const heading = page.getByRole('heading', { name: 'token expired' })
  await expect.poll(async () => (await heading.boundingBox())?.y).toBeLessThan(300)
  expect(wrongs).toEqual([])
})

inBrowser(`the keyboard alone finds and opens a call${reason}`, async ({ open }) => {
  const { page, wrongs } = await open('')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toContain('Latchkey')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Enter search query' }).waitFor()
  await page.keyboard.type('log in')
  await page.getByRole('option', { name: 'Operation: Log in' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.url()).toContain('/api/login/')

  await testRequest(page, LOGIN).focus()
  await page.keyboard.press('Enter')
  const client = page.getByRole('dialog')
  await client.getByRole('button', { name: 'Send' }).first().waitFor()
  await page.keyboard.press('Escape')
  await client.waitFor({ state: 'hidden' })
  expect(wrongs).toEqual([])
})

inBrowser.for([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 390],
] as const)(`a picture: %s, %i px wide${reason}`, async ([colorScheme, width], { open }) => {
  const { page, wrongs } = await open(`#tag/${LOGIN}`, { colorScheme, viewport: { width, height: 900 } })
  await testRequest(page, LOGIN).waitFor()
  await page.screenshot({ path: join(PICTURES, `${colorScheme}-${width}.png`) })
  // Nothing but code scrolls sideways.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  const ground = await page.evaluate(() => getComputedStyle(document.body).getPropertyValue('--scalar-background-1'))
  expect(ground).toBe(colorScheme === 'light' ? '#ffffff' : '#0e1213')
  expect(wrongs).toEqual([])
})
