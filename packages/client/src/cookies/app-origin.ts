/** Hosts of this machine, over which nobody listens in. */
const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Where users reach the app. */
export interface AppOrigin {
  /** As browsers write it in `Origin`: `https://app.example.com`. */
  readonly origin: string
  /** Whether that is https; if not, it is this machine. */
  readonly secure: boolean
}

/**
 * Reads where users reach the app. It is given, and not taken from requests: behind a proxy these say something else.
 *
 * @throws TypeError where tokens would go over the network in the clear
 */
export function readAppOrigin(text: string): AppOrigin {
  const { origin, protocol, hostname } = new URL(text)
  if (protocol === 'https:') return { origin, secure: true }
  if (protocol === 'http:' && LOCAL.has(hostname)) return { origin, secure: false }
  throw new TypeError(`${text} is neither https nor http://localhost: its cookies would be open to the whole network`)
}
