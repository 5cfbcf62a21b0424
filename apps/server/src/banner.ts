/** What a local start tells. */
export interface Started {
  version: string
  host: string
  port: number
  /** Where the database is; no password. */
  database: string
}

const HERE = new Set(['0.0.0.0', '::', '127.0.0.1', '::1', 'localhost'])

/** What a local start prints: six lines, of which the last can be pasted. `npm start` adds up to six of its own. */
export function banner({ version, host, port, database }: Started): string {
  const url = localUrl(host, port)
  const register = `curl -X POST ${url}/api/register/ -d '{"password": "password", "email": "user@example.com"}'`
  return [
    `Latchkey ${version} is ready.`,
    `  API       ${url}/api/`,
    `  Docs      ${url}/docs`,
    `  Health    ${url}/readyz`,
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
