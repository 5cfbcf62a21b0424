/** One cookie as a browser keeps it. */
interface Cookie {
  value: string
  attributes: string[]
  expires: number
}

/** The cookies of one browser, for one app; time only moves by `advance`. */
export interface CookieJar {
  /** What it sends. */
  header(): string
  /** Takes what an answer sets, unless the answer never came. */
  take(headers: Headers): void
  /** Moves time on, by seconds. */
  advance(seconds: number): void
  /** What it holds under the end of a name. */
  get(name: string): Cookie | undefined
}

/** Makes an empty one. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>()
  let now = 0
  const alive = () => Array.from(cookies).filter(([, { expires }]) => expires > now)
  return {
    header: () =>
      alive()
        .map(([name, { value }]) => `${name}=${value}`)
        .join('; '),
    take(headers) {
      for (const line of headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split('; ')
        const [name = '', ...value] = pair.split('=')
        const maxAge = Number(attributes.find((each) => each.startsWith('Max-Age='))?.slice(8))
        if (Number.isNaN(maxAge)) throw new Error(`no Max-Age: ${name}`)
        cookies.set(name, { value: value.join('='), attributes, expires: now + maxAge })
      }
    },
    advance(seconds) {
      now += seconds
    },
    get: (name) => alive().find(([each]) => each.endsWith(`latchkey_${name}`))?.[1],
  }
}
