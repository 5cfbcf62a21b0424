/** What a local start tells. */
export interface Started {
  version: string
  host: string
  port: number
  /** Where the database is; no password. */
  database: string
  /** The token of the setup link, while there is no admin. */
  setupToken?: string | undefined
}

const HERE = new Set(['0.0.0.0', '::', '127.0.0.1', '::1', 'localhost'])

/**
 * What a local start prints: six lines, of which the last can be pasted. `npm start` adds up to six of its own. While
 * there is no admin one of them is the link that makes one: nobody but who reads this terminal has it.
 */
export function banner({ version, host, port, database, setupToken }: Started): string {
  const url = localUrl(host, port)
  const register = `curl -X POST ${url}/api/register/ -d '{"password": "password", "email": "user@example.com"}'`
  return [
    `Latchkey ${version} is ready.`,
    `  API       ${url}/api/`,
    `  Docs      ${url}/docs`,
    setupToken === undefined ? `  Health    ${url}/readyz` : `  Admin     ${url}/admin/setup#${setupToken} (1 h, once)`,
    `  Database  ${database}`,
    `${register} -H "Content-Type: application/json"`,
    '',
  ].join('\n')
}

/** Where a person at this machine reaches what listens on this host. */
export function localUrl(host: string, port: number): string {
  if (HERE.has(host)) return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Shows what takes a while, on one line that the next one replaces. Where nobody looks, nothing. */
export function showProgress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${message === '' ? '' : `${message} …`}`)
}
