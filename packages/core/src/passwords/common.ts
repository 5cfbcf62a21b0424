/** Entries of the list have this many characters at least: no shorter password is ever allowed. */
const LENGTH_MIN = 8

/**
 * Whether attackers try this password first: it stands on the list, or does so without the digits and punctuation
 * around it ("password1234567!"), or only repeats something that is short or on the list ("abcabcabc"). Letter case
 * does not count.
 *
 * The list is loaded when it is first asked for: 4 MiB that an instance without this setting never needs.
 */
export async function isCommon(password: string): Promise<boolean> {
  const { COMMON_PASSWORDS } = await import('./common-passwords.gen.ts')
  const whole = password.toLowerCase()
  const bare = whole.replace(/^\P{L}+/u, '').replace(/\P{L}+$/u, '')
  const part = repeatedPart(whole)
  const isShortPart = part.length < LENGTH_MIN && part.length * 2 <= whole.length
  return isShortPart || [whole, bare, part].some((each) => COMMON_PASSWORDS.has(each))
}

/** The shortest beginning which, repeated, gives the whole text; the last time it may break off. */
function repeatedPart(text: string): string {
  let length = 1
  while (length < text.length && !text.startsWith(text.slice(length))) length++
  return text.slice(0, length)
}
