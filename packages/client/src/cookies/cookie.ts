/** What a cookie is for; its name in the browser follows from it. */
export type CookieName =
  /** The refresh token and the id of its session. Kept for long: the server says when it ends. */
  | 'session'
  /** The access token, for as long as it is accepted. */
  | 'access'
  /** There as long as the access token needs no refresh. */
  | 'fresh'
  /** The id of a session that has ended, and is not to come back by an answer that was under way. */
  | 'ended'
  /** Says at the next login that an owner of the account has been here before; logs nobody in. */
  | 'device'

/** Reads and writes the cookies of one app. */
export interface Cookies {
  /** What a browser sent in `Cookie`, as far as it is ours. */
  read(header: string | null): Map<CookieName, string>
  /** A `Set-Cookie`; 0 seconds take the cookie away. */
  write(name: CookieName, value: string, maxAgeSeconds: number): string
  /** A `Cookie` as the browser will send it, once it has what is to be set; undefined takes one away. */
  replace(header: string | null, values: ReadonlyMap<CookieName, string | undefined>): string
}

const NAMES: readonly CookieName[] = ['session', 'access', 'fresh', 'ended', 'device']

/**
 * Makes the reader and writer for cookies that scripts cannot read, and that other sites' forms do not send along.
 *
 * Over https their names begin with `__Host-`: browsers take those from this host only, and over https only, so that no
 * neighbour below the same domain can plant a session (RFC 6265bis, 4.1.3.2).
 *
 * @param options.secure false for http://localhost, and for nothing else
 */
export function createCookies({ secure }: { secure: boolean }): Cookies {
  const inBrowser = (name: CookieName) => `${secure ? '__Host-' : ''}latchkey_${name}`
  const byBrowserName = new Map(NAMES.map((name) => [inBrowser(name), name]))
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`

  return {
    read(header) {
      const found = new Map<CookieName, string>()
      for (const [browserName, value] of pairsOf(header)) {
        const name = byBrowserName.get(browserName)
        if (name !== undefined && !found.has(name)) found.set(name, value)
      }
      return found
    },
    write: (name, value, maxAgeSeconds) => `${inBrowser(name)}=${value}; Max-Age=${maxAgeSeconds}; ${attributes}`,
    replace(header, values) {
      const others = pairsOf(header).filter(([browserName]) => {
        const name = byBrowserName.get(browserName)
        return name === undefined || !values.has(name)
      })
      const ours = Array.from(values).flatMap(([name, value]) =>
        value === undefined ? [] : [[inBrowser(name), value]],
      )
      return [...others, ...ours].map((pair) => pair.join('=')).join('; ')
    },
  }
}

function pairsOf(header: string | null): [name: string, value: string][] {
  return (header ?? '').split(';').flatMap((pair): [string, string][] => {
    const [name = '', ...value] = pair.trim().split('=')
    return name === '' ? [] : [[name, value.join('=')]]
  })
}
