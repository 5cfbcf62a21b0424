import { LatchkeyError } from '@latchkey/core'

/** A strong entity tag of ours (RFC 9110, 8.8.3): the number of a revision. */
const TAG = /^"(\d{1,9})"$/

/** The `ETag` of a revision of the settings. */
export function etagOf(revision: number): string {
  return `"${revision}"`
}

/**
 * The revision that a change was made on, out of the header or of the input: whoever does not say it would overwrite what
 * others have saved meanwhile.
 *
 * @throws LatchkeyError `invalid_input` without one, with two that differ, and with a header that names not one revision
 */
export function baseOf(ifMatch: string | undefined, revision: number | undefined): number {
  const tagged = ifMatch === undefined ? undefined : revisionOf(ifMatch)
  if (tagged !== undefined && revision !== undefined && tagged !== revision) {
    throw refusal('revision', 'revision_ambiguous', '`If-Match` names another revision than this.')
  }
  const base = tagged ?? revision
  if (base !== undefined) return base
  throw refusal('revision', 'revision_missing', 'Name the revision that you have seen, here or as `If-Match: "17"`.')
}

/** `*` would mean "whatever is there", and of a list or a weak tag nobody knows which revision was seen. */
function revisionOf(ifMatch: string): number {
  const number = TAG.exec(ifMatch.trim())?.[1]
  if (number !== undefined) return Number(number)
  throw refusal('If-Match', 'if_match_invalid', 'This must be the `ETag` of the settings you have seen, like "17".')
}

function refusal(field: string, code: string, message: string): LatchkeyError {
  return new LatchkeyError('invalid_input', { fields: [{ path: [field], code, message }] })
}
