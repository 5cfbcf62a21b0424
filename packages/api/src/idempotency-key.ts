import { LatchkeyError } from '@latchkey/core'

const LENGTH_MAX = 255
/** A string of RFC 9651, as draft-ietf-httpapi-idempotency-key-header wants it: in quotes, some characters escaped. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/
/** Visible ASCII. */
const VISIBLE = /^[!-~]+$/

/**
 * The key in an `Idempotency-Key` header, in quotes or bare; undefined where there is no header. It is as secret as the
 * refresh token that it comes with.
 *
 * @throws LatchkeyError `invalid_input`
 */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = header.startsWith('"') ? QUOTED.exec(header)?.[1]?.replaceAll(/\\(["\\])/g, '$1') : header
  if (key !== undefined && key.length <= LENGTH_MAX && VISIBLE.test(key)) return key
  const message = `This must be 1 to ${LENGTH_MAX} visible ASCII characters, bare or as a string in quotes.`
  const field = { path: ['Idempotency-Key'], code: 'idempotency_key_invalid', message }
  throw new LatchkeyError('invalid_input', { fields: [field] })
}
