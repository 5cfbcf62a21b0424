import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { test as base, expect } from 'vitest'
import { findChromium, openBrowser } from './browser.ts'
import { freePort, REPOSITORY, shellEnvironment } from './machine.ts'

const chromium = findChromium()
/** Where the pictures of this run are, to be looked at. */
const PICTURES = join(import.meta.dirname, '../reports/demo')
const LIFETIME_SECONDS = 2
const LIFETIMES = 7

/** A browser with nobody signed in, and all that it should not have said. */
interface Watched {
  context: BrowserContext
  /** Errors of scripts, in the console, and violations of the policy. */
  wrongs: string[]
  /** Requests to refresh, of all tabs. */
  refreshes: string[]
  /** Each time that a tab showed the sign-in: which, and when, in milliseconds since 1970. */
  gates: { page: Page; at: number }[]
}

/** The demo, started by its command beside a server of its own, and browsers. */
const test = base
  .extend('url', { scope: 'file' }, async ({}, { onCleanup }): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'))
    await chmod(folder, 0o711)
    const port = await freePort()
    const child = spawn(process.execPath, ['scripts/run.mjs', 'demo'], {
      cwd: REPOSITORY,
      env: {
        ...shellEnvironment(undefined),
        PORT: String(port),
        DEMO_PORT: String(await freePort()),
        LATCHKEY_DATA_DIR: folder,
        LATCHKEY_RATE_LIMITS: 'off',
        LATCHKEY_ACCESS_TOKEN_LIFETIME: `${LIFETIME_SECONDS}s`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    onCleanup(async () => {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
      // Both have ended, and nobody else is there.
      await expect(fetch(`http://localhost:${port}/readyz`)).rejects.toThrow('fetch failed')
    })
    let printed = ''
    for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      printed += String(chunk)
      const url = /The notes are at (\S+)/.exec(printed)?.[1]
      if (url === undefined) continue
      child.stdout.resume()
      return url
    }
    throw new Error(`the demo has not started:\n${printed}`)
  })
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await openBrowser('path' in chromium ? chromium.path : '')
    onCleanup(() => browser.close())
    return browser
  })
  .extend('newContext', ({ browser }, { onCleanup }) => {
    const contexts: BrowserContext[] = []
    onCleanup(async () => {
      for (const context of contexts) await context.close()
    })
    return async (options: BrowserContextOptions) => {
      const context = await browser.newContext(options)
      contexts.push(context)
      return context
    }
  })
  /** Opens a browser: nobody is signed in there. */
  .extend('open', ({ newContext }) => async (options: BrowserContextOptions = {}): Promise<Watched> => {
    const context = await newContext(options)
    const watched: Watched = { context, wrongs: [], refreshes: [], gates: [] }
    context.on('request', (request) => {
      if (request.url().includes('/trpc/auth.refresh')) watched.refreshes.push(request.url())
    })
    context.on('console', (message) => {
      if (message.type() === 'error') watched.wrongs.push(message.text())
    })
    context.on('weberror', (error) => watched.wrongs.push(String(error.error())))
    await context.exposeBinding('tellGate', ({ page }, at: number) => watched.gates.push({ page, at }))
    await context.addInitScript(() => {
      const look = () => {
        const tell: unknown = Reflect.get(globalThis, 'tellGate')
        if (document.querySelector('.gate') !== null && typeof tell === 'function') tell(Date.now())
      }
      new MutationObserver(look).observe(document, { childList: true, subtree: true })
    })
    return watched
  })

const reason = 'missing' in chromium ? ` (skipped: ${chromium.missing})` : ''
const inBrowser = test.skipIf('missing' in chromium)

/** Makes an account and comes in. */
async function register(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: 'Make one' }).click()
  await page.getByLabel('E-mail').fill(`${crypto.randomUUID()}@example.com`)
  await page.getByLabel('Password').fill('correct horse 42')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Your notes' }).waitFor()
}

/** Writes a note, and waits until the service has it. */
async function note(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'A new note' }).fill(text)
  await page.keyboard.press('Enter')
  await page.getByText(text).waitFor()
}

/** Makes a tab slow, as one in the background on a weak machine. */
async function throttle(page: Page): Promise<(state: 'frozen' | 'active') => Promise<void>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  const slow = { offline: false, latency: 300, downloadThroughput: -1, uploadThroughput: -1 }
  await devtools.send('Network.emulateNetworkConditions', slow)
  return async (state) => {
    await devtools.send('Page.setWebLifecycleState', { state })
  }
}

inBrowser(`two tabs stay in over many lifetimes, and go out together${reason}`, async ({ url, open }) => {
  const { context, wrongs, refreshes, gates } = await open()
  const one = await context.newPage()
  await register(one, url)
  const other = await context.newPage()
  const setState = await throttle(other)
  await other.goto(url)
  await other.getByRole('heading', { name: 'Your notes' }).waitFor()
  gates.length = 0
  refreshes.length = 0

  const began = performance.now()
  const lifetimes = () => (performance.now() - began) / 1000 / LIFETIME_SECONDS
  let written = 0
  while (lifetimes() < LIFETIMES) {
    await note(one, `note ${++written}.`)
    if (written === 3) await one.reload()
    if (written === 4) await setState('frozen')
    if (written === 8) await setState('active')
    await setTimeout(1000)
  }
  await other.reload()
  await other.getByText(`note ${written}.`).waitFor()
  expect(await other.getByText(/^note \d+\./).count()).toBe(written)
  expect(gates).toEqual([])
  // Tokens are stamped in whole seconds: one of two seconds serves for one. Each tab for itself would make four.
  expect(refreshes.length).toBeGreaterThanOrEqual(LIFETIMES)
  expect(refreshes.length).toBeLessThanOrEqual(2.5 * lifetimes())

  await one.getByRole('button', { name: 'Sign out' }).click()
  const gateOf = (tab: Page) => gates.find(({ page }) => page === tab)?.at
  await expect.poll(() => gateOf(one) !== undefined && gateOf(other) !== undefined).toBe(true)
  const milliseconds = gateOf(other)! - gateOf(one)!
  process.stdout.write(
    `${refreshes.length} refreshes in ${lifetimes().toFixed(1)} lifetimes; the other tab was out after ${milliseconds} ms\n`,
  )
  expect(milliseconds).toBeLessThan(1000)
  await one.getByRole('heading', { name: 'Sign in to your notes' }).waitFor()
  await one.reload()
  await one.getByRole('heading', { name: 'Sign in to your notes' }).waitFor()
  expect(wrongs).toEqual([])
})

inBrowser(
  `a session that is ended elsewhere is over here, and nothing of its notes stays${reason}`,
  async ({ url, open }) => {
    const here = await open()
    const page = await here.context.newPage()
    await register(page, url)
    await note(page, 'a secret')
    const email = await page.locator('.who').textContent()

    const elsewhere = await (await open()).context.newPage()
    await elsewhere.goto(url)
    await elsewhere.getByLabel('E-mail').fill(email ?? '')
    await elsewhere.getByLabel('Password').fill('correct horse 42')
    await elsewhere.keyboard.press('Enter')
    await elsewhere.getByRole('button', { name: 'End session' }).click()
    await page.getByRole('heading', { name: 'Sign in to your notes' }).waitFor()
    expect(await page.content()).not.toContain('a secret')
  },
)

inBrowser(`the keyboard alone signs in, writes, removes and signs out${reason}`, async ({ url, open }) => {
  const { context, wrongs } = await open()
  const page = await context.newPage()
  await page.goto(url)
  const type = (text: string) => page.keyboard.type(text)
  const press = (key: string) => page.keyboard.press(key)
  await page.getByLabel('E-mail').waitFor()
  for (let tabs = 0; tabs < 3; tabs++) await press('Tab')
  await press('Enter')
  await page.getByRole('heading', { name: 'Make an account' }).waitFor()
  for (let tabs = 0; tabs < 3; tabs++) await press('Shift+Tab')
  await type(`${crypto.randomUUID()}@example.com`)
  await press('Tab')
  await type('correct horse 42')
  await press('Enter')
  await page.getByText('Nothing noted yet').waitFor()
  await type('by hand')
  await press('Enter')
  await page.getByText('by hand').waitFor()
  await press('Tab')
  await press('Tab')
  await press('Enter')
  await page.getByText('Nothing noted yet').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).focus()
  await press('Enter')
  await page.getByRole('heading', { name: 'Sign in to your notes' }).waitFor()
  expect(wrongs).toEqual([])
})

inBrowser.for([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 390],
] as const)(`a picture: %s, %i px wide${reason}`, async ([colorScheme, width], { url, open }) => {
  const { context, wrongs } = await open({ colorScheme, viewport: { width, height: 800 } })
  const page = await context.newPage()
  const picture = async (name: string) => {
    await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}-${width}.png`) })
    // Nothing scrolls sideways.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  }
  await page.goto(url)
  await page.getByRole('heading', { name: 'Sign in to your notes' }).waitFor()
  await picture('sign-in')
  await register(page, url)
  await page.getByText('Nothing noted yet').waitFor()
  await page.getByText('This browser').waitFor()
  await picture('empty')
  await note(page, 'Call the locksmith about the front door')
  await note(page, `A word that has no end: ${'supercalifragilistic'.repeat(5)}`)
  await picture('notes')
  expect(wrongs).toEqual([])

  await page.route('**/api/notes', (route) => route.abort())
  await page.reload()
  await page.getByRole('alert').waitFor()
  await picture('unreachable')
  await page.unroute('**/api/notes')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Call the locksmith').waitFor()
})
