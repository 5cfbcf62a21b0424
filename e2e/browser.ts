import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Nothing of the browser's own that would talk to anybody; as root it has no sandbox. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A page that sees no other origin than one, and what it did that it should not have done. */
export interface WatchedPage {
  page: Page
  /** Requests to other origins (none was let through), violations of the policy, errors in the console. */
  wrongs: string[]
}

/** Where the browser is, which root installs if there is none; else why there is none. */
export function findChromium(): { path: string } | { missing: string } {
  const path = PLACES.find((place) => existsSync(place))
  if (path !== undefined) return { path }
  if (process.getuid?.() !== 0) return { missing: 'there is no Chromium, and only root can install it' }
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: 'ignore' })
  } catch (error) {
    return { missing: `Chromium cannot be installed: ${String(error)}` }
  }
  return { path: '/usr/bin/chromium' }
}

/** Starts the browser, with a new profile. */
export function openBrowser(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: FLAGS })
}

/** Opens a page that is cut off from all but one server. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<WatchedPage> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const wrongs: string[] = []
  page.on('pageerror', (error) => wrongs.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') wrongs.push(`console: ${message.text()}`)
  })
  await page.exposeFunction('tellViolation', (violation: string) => wrongs.push(`violation: ${violation}`))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const tell: unknown = Reflect.get(globalThis, 'tellViolation')
      if (typeof tell === 'function') tell(`${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  await context.route('**', async (route) => {
    const asked = route.request().url()
    if (asked.startsWith(`${url}/`) || asked.startsWith('data:')) return await route.continue()
    wrongs.push(`other origin: ${asked}`)
    return await route.abort()
  })
  return { page, wrongs }
}
