import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { test as base, expect } from 'vitest'
import { findChromium, openBrowser, openPage } from './browser.ts'
import { startServer } from './server.ts'

const chromium = findChromium()
/** Where the pictures of this run are, to be looked at. */
const PICTURES = join(import.meta.dirname, '../reports/setup-page')
const WIDE = { viewport: { width: 1280, height: 900 } }
const EMAIL = "o'mara@example.com"
const PASSWORD = 'copper lantern under the stairs'
/** The browser itself tells of an answer that is a refusal. */
const REFUSED = (status: number) => [expect.stringContaining(`the server responded with a status of ${status}`)]

/** The page of a really started server, which has no admin, in a real browser without a network. */
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
  .extend('open', ({ browser, server }) => async (link: string, options: BrowserContextOptions = WIDE) => {
    const watched = await openPage(browser, server.url, options)
    await watched.page.goto(link)
    return watched
  })

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
const email = (page: Page) => page.getByRole('textbox', { name: 'E-mail' })
/** A field for passwords has no role. */
const password = (page: Page) => page.getByLabel('Password', { exact: true })
const makeAdmin = (page: Page) => page.getByRole('button', { name: 'Make admin' })
const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.id ?? '')

/** What a screen reader says of a field beside its name. */
const descriptionOf = (page: Page, id: string): Promise<string> =>
  page.evaluate((field) => {
    const ids = document.getElementById(field)?.getAttribute('aria-describedby')?.split(' ') ?? []
    const parts = ids.map((each) => document.getElementById(each))
    return parts.map((part) => (part?.hidden ? '' : (part?.textContent ?? ''))).join(' ')
  }, id)

async function submit(page: Page, values: { email: string; password: string }): Promise<void> {
  await email(page).fill(values.email)
  await password(page).fill(values.password)
  await makeAdmin(page).click()
}

const reason = 'missing' in chromium ? ` (skipped: ${chromium.missing})` : ''
const inBrowser = test.skipIf('missing' in chromium)

inBrowser(`without what stands behind the # it says what is needed${reason}`, async ({ server, open }) => {
  for (const path of ['/admin/setup', '/admin/setup/']) {
    const { page, wrongs } = await open(`${server.url}${path}`)
    await heading(page, 'A link is needed here').waitFor()
    expect(await makeAdmin(page).isVisible()).toBe(false)
    expect(wrongs).toEqual([])
  }
})

inBrowser(`a link that is wrong leads on, too${reason}`, async ({ server, open }) => {
  const { page, wrongs } = await open(`${server.url}/admin/setup#not-the-token`)
  await submit(page, { email: EMAIL, password: PASSWORD })
  await heading(page, 'This link has ended').waitFor()
  expect(await page.getByText('npx latchkey admin create').filter({ visible: true }).count()).toBe(1)
  expect(wrongs).toEqual(REFUSED(403))
})

inBrowser(`what is wrong is told at its field, and can be mended${reason}`, async ({ server, open }) => {
  const { page, wrongs } = await open(server.setupLink)
  await submit(page, { email: 'nobody', password: PASSWORD })
  await expect.poll(() => email(page).getAttribute('aria-invalid')).toBe('true')
  expect(await descriptionOf(page, 'email')).not.toBe('')
  expect(await focused(page)).toBe('email')

  await submit(page, { email: EMAIL, password: 'short' })
  await expect.poll(() => descriptionOf(page, 'password')).toMatch(/8 characters.+spaces count/)
  expect(await password(page).getAttribute('aria-invalid')).toBe('true')
  expect(await focused(page)).toBe('password')
  expect(await email(page).getAttribute('aria-invalid')).toBe(null)
  await page.screenshot({ path: join(PICTURES, 'errors.png') })
  expect(wrongs).toEqual([...REFUSED(400), ...REFUSED(400)])
})

inBrowser(`an e-mail address that another account has is told at its field${reason}`, async ({ server, open }) => {
  const taken = 'taken@example.com'
  const registered = await fetch(`${server.url}/api/register/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: taken, password: PASSWORD }),
  })
  expect(registered.ok).toBe(true)
  const { page, wrongs } = await open(server.setupLink)
  await submit(page, { email: taken, password: PASSWORD })
  await expect.poll(() => descriptionOf(page, 'email')).toMatch(/Another account .+latchkey admin create/)
  expect(await focused(page)).toBe('email')
  await page.screenshot({ path: join(PICTURES, 'taken.png') })
  expect(wrongs).toEqual(REFUSED(409))
})

inBrowser(`a server that is busy is told politely, and it can be tried again${reason}`, async ({ server, open }) => {
  const { page, wrongs } = await open(server.setupLink, { colorScheme: 'dark', viewport: { width: 360, height: 740 } })
  const status = page.getByRole('status')
  expect(await status.textContent(), 'it is there before it has something to say').toBe('')
  const problem = { contentType: 'application/problem+json', body: JSON.stringify({ code: 'unavailable' }) }
  await page.route('**/api/setup/', (route) => route.fulfill({ status: 503, ...problem }))
  await submit(page, { email: EMAIL, password: PASSWORD })
  await expect.poll(() => status.textContent()).toContain('try again')
  await page.screenshot({ path: join(PICTURES, 'busy.png') })
  expect(await makeAdmin(page).getAttribute('aria-disabled')).toBe(null)
  expect(wrongs).toEqual(REFUSED(503))
})

inBrowser(`a server that does not answer loses nothing that was typed${reason}`, async ({ server, open }) => {
  const { page } = await open(server.setupLink)
  await page.route('**/api/setup/', (route) => route.abort())
  await submit(page, { email: EMAIL, password: PASSWORD })
  await expect.poll(() => page.getByRole('status').textContent()).toContain('does not answer')
  expect(await password(page).inputValue()).toBe(PASSWORD)
})

inBrowser.for([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const)(`a picture: %s, %i px wide${reason}`, async ([colorScheme, width], { server, open }) => {
  const { page, wrongs } = await open(server.setupLink, { colorScheme, viewport: { width, height: 740 } })
  await makeAdmin(page).waitFor()
  await page.screenshot({ path: join(PICTURES, `${colorScheme}-${width}.png`) })
  // Nothing scrolls sideways, and a finger hits everything.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  for (const target of [email(page), password(page), makeAdmin(page), page.getByRole('button', { name: 'Show' })]) {
    expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(38)
  }
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  expect(ground).toBe(colorScheme === 'light' ? 'rgb(245, 247, 247)' : 'rgb(14, 18, 19)')
  expect(wrongs).toEqual([])
})

inBrowser(`the keyboard alone makes the admin, and the link works once${reason}`, async ({ server, open }) => {
  const { page, wrongs } = await open(server.setupLink)
  await makeAdmin(page).waitFor()
  expect(page.url(), 'the token is not in the address bar').toBe(`${server.url}/admin/setup`)
  expect(await focused(page)).toBe('email')
  await page.keyboard.type(EMAIL)
  await page.keyboard.press('Tab')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  expect(await password(page).getAttribute('type'), 'it can be seen').toBe('text')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await heading(page, 'You are the admin').waitFor()
  expect(await page.evaluate(() => document.activeElement?.tagName), 'what a screen reader goes on with').toBe('H1')
  await page.screenshot({ path: join(PICTURES, 'done.png') })

  const command = (await page.locator('#done-login').textContent()) ?? ''
  expect(command).toContain(`'{"email": "o'\\''mara@example.com", "password": "…"}'`)
  const login = await fetch(`${server.url}/api/login/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  })
  const { access_token: token } = (await login.json()) as { access_token: string }
  const users = await fetch(`${server.url}/api/admin/users/?role=admin`, {
    headers: { Authorization: `Bearer ${token}` },
  })
  expect(await users.json()).toMatchObject({ items: [{ email: EMAIL, role: 'admin' }] })
  expect(wrongs).toEqual([])

  // The same tab: what differs is behind the # only, so nothing is loaded anew.
  await page.goto(server.setupLink)
  await submit(page, { email: 'second@example.com', password: PASSWORD })
  await heading(page, 'This link has ended').waitFor()
  await page.screenshot({ path: join(PICTURES, 'spent.png') })
})
