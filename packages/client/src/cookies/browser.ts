/** What the server is told of the browser that a request came from, and that the app's own server stands in for. */
export interface Browser {
  /** Its IP address, as far as the app knows it. */
  address: string | undefined
  /** The device proof of the last login. */
  device: string | undefined
}

/**
 * The headers for that. The server lists sessions by `User-Agent`, counts failed logins by device and address, and
 * believes `X-Forwarded-For` where the app is one of its `LATCHKEY_TRUSTED_PROXIES`.
 */
export function browserHeaders(headers: Headers, { address, device }: Browser): Record<string, string> {
  const userAgent = headers.get('user-agent')
  return {
    ...(userAgent !== null && { 'User-Agent': userAgent }),
    ...(address !== undefined && { 'X-Forwarded-For': address }),
    ...(device !== undefined && { 'Latchkey-Device': device }),
  }
}
