import { isIP, isIPv4 } from 'node:net'
import { z } from 'zod'

/** A text that `parse` makes a value of, or undefined if it cannot. The fault shows what was given. */
export function parsed<T>(parse: (text: string) => T | undefined) {
  return z.string().transform((text, context): T => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `is ${JSON.stringify(text)}` })
    return z.NEVER
  })
}

/** As {@link parsed}, for what must never be shown; the fault is the sentence that `faultOf` gives. */
export function hidden(faultOf: (text: string) => string | undefined) {
  return z.string().superRefine((text, context) => {
    const fault = faultOf(text)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })
}

/** A whole number within bounds. */
export const wholeNumber = (min: number, max: number) =>
  parsed((text) => (/^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined))

/** A host name or an address to listen on. */
export const hostOf = (text: string): string | undefined =>
  isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text : undefined

/** Whether only this machine can reach what listens on this host. What is no text was refused elsewhere. */
export const isLoopback = (host: unknown): boolean =>
  typeof host === 'string' &&
  (host.toLowerCase() === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.')))

/** An http(s) URL without user, query and fragment, and without the slash at its end. */
export function baseUrlOf(text: string): string | undefined {
  const url = httpUrl(text)
  if (url === undefined || url.username !== '' || url.password !== '' || /[?#]/.test(text)) return undefined
  return url.href.replace(/\/+$/, '')
}

/** What is no exact origin (`https://app.example.com`) in a list of them. */
export const notOrigins = (items: string[]): string[] => items.filter((item) => httpUrl(item)?.origin !== item)

/** What is neither an IP address nor a range of them (`10.0.0.0/8`) in a list. */
export const notAddressRanges = (items: string[]): string[] =>
  items.filter((item) => {
    const [address = '', bits, ...more] = item.split('/')
    const length = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
    return length < 0 || more.length > 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= length))
  })

/** What is wrong with the URL of a PostgreSQL, without a word of it: it holds a password. */
export function databaseUrlFault(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'is not a URL (special characters in a password are written percent-encoded: %40 for @)'
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') return 'is not a URL of PostgreSQL'
  return url.pathname.length > 1 ? undefined : 'does not name a database'
}

function httpUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined
}
