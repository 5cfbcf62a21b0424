/** Methods that change nothing (RFC 9110, 9.2.1). `TRACE` is not among them: no browser sends it. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether another site may have made a browser send this request: such a one must change nothing, and gets a 403.
 *
 * `SameSite=Lax` already keeps the cookies from forms of other sites. This is the second line: it also stops other hosts
 * below the same domain, and forms that log somebody in to a stranger's account. The browser's word is `Sec-Fetch-Site`;
 * where it does not say it, `Origin` is compared. A request with neither is not one of a browser.
 *
 * @param origin where users reach the app: `https://app.example.com`
 */
export function isCrossSite({ method, headers }: Pick<Request, 'method' | 'headers'>, origin: string): boolean {
  if (SAFE.has(method.toUpperCase())) return false
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const from = headers.get('origin')
  return from !== null && from !== origin
}
