import { domainToASCII, domainToUnicode } from 'node:url'
import { LatchkeyError } from '../errors.ts'

/** RFC 5321, 4.5.3.1: 256 octets with the angle brackets. */
export const EMAIL_OCTETS_MAX = 254
const LOCAL_OCTETS_MAX = 64

/** What stands between the dots of a local part: any script (RFC 6531), but nothing invisible and nothing quoted. */
const ATOM = String.raw`[^\p{C}\p{Z}\p{Default_Ignorable_Code_Point}"(),.:;<>@\[\\\]]+`
const LOCAL = new RegExp(String.raw`^${ATOM}(?:\.${ATOM})*$`, 'u')
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** The name of the lock under which an address is taken, by a new account or by one that changes to it. */
export const emailLock = (normal: string): string => `account ${normal}`

/** An e-mail address. */
export interface Email {
  /** As its owner wrote it: where mail goes, and what is shown. */
  typed: string
  /** What may exist only once. */
  normal: string
}

/**
 * Reads an address that somebody typed for an account.
 *
 * @throws LatchkeyError `invalid_input` when it is not one
 */
export function parseEmail(typed: string): Email {
  const normal = normalizeEmail(typed)
  if (normal !== undefined) return { typed: typed.trim(), normal }
  throw new LatchkeyError('invalid_input', {
    fields: [{ path: ['email'], code: 'email_invalid', message: 'This is not an e-mail address.' }],
  })
}

/**
 * The normal form of an e-mail address, which is what may exist only once: trimmed, NFC, lower case, its domain in
 * ASCII (IDNA). Undefined when it is not an address.
 *
 * Two addresses have the same normal form only if letter case, Unicode composition or the notation of the domain is all
 * that sets them apart. Characters that are another form of others (full-width letters, ligatures, circled letters) are
 * refused (RFC 8264, 9.17): mail software maps them, and the mail for one account would reach the owner of another.
 */
export function normalizeEmail(typed: string): string | undefined {
  const trimmed = typed.trim()
  if (Buffer.byteLength(trimmed) > EMAIL_OCTETS_MAX) return undefined
  const [typedLocal, typedDomain, ...rest] = trimmed.split('@')
  if (typedLocal === undefined || typedDomain === undefined || rest.length > 0) return undefined

  const local = normalizeLocal(typedLocal)
  const domain = normalizeDomain(typedDomain)
  if (local === undefined || domain === undefined) return undefined
  const normal = `${local}@${domain}`
  return Buffer.byteLength(normal) > EMAIL_OCTETS_MAX ? undefined : normal
}

function normalizeLocal(typed: string): string | undefined {
  // Both small sigmas have one capital. A dotless i and a sharp s are letters of their own, and stay.
  const local = lowerCase(typed).replaceAll('ς', 'σ')
  if (!LOCAL.test(local) || local !== local.normalize('NFKC')) return undefined
  return Buffer.byteLength(local) > LOCAL_OCTETS_MAX ? undefined : local
}

/** Node takes much for a host (`127.1`, `a%62c`, `a.example/path`): what it does not give back as typed is refused. */
function normalizeDomain(typed: string): string | undefined {
  const ascii = domainToASCII(typed)
  const labels = ascii.split('.')
  const shown = domainToUnicode(ascii).split('.')
  const asTyped = lowerCase(typed).split('.')
  const same = (label: string, i: number) => label === labels[i] || label === shown[i]
  if (asTyped.length !== labels.length || !asTyped.every(same)) return undefined
  // Node lets a label pass that says it is Punycode and is not.
  if (!labels.every((label) => LABEL.test(label)) || shown.some((label) => label.startsWith('xn--'))) return undefined
  // A name without a dot is a slip (`user@gmail`), one that ends in a number the address of a machine.
  const isName = labels.length > 1 && !/^[0-9]+$/.test(labels.at(-1) ?? '')
  return isName || ascii === 'localhost' ? ascii : undefined
}

/** In NFC. Letter by letter, because a capital sigma would become this or that small one by what stands around it. */
function lowerCase(text: string): string {
  const letters = Array.from(text, (letter) => letter.toLowerCase())
  return letters.join('').normalize('NFC')
}
