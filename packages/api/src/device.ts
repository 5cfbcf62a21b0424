import { parse } from 'bowser'

/**
 * What a person calls the device behind a `User-Agent`: "Firefox 140 on Linux". Null where it names no browser.
 *
 * Anybody can send anything as one, so this is for reading only; nothing is decided by it.
 */
export function deviceOf(userAgent: string | null): string | null {
  // Bowser throws at an empty one.
  if (!userAgent) return null
  const { browser, os } = parse(userAgent)
  if (!browser.name) return null
  const major = browser.version?.replace(/\..*$/, '')
  const name = major ? `${browser.name} ${major}` : browser.name
  return os.name ? `${name} on ${os.name}` : name
}
