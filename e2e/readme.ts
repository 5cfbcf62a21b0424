import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { REPOSITORY } from './machine.ts'

/** One call as README.md shows it: the line to paste and the answer below it. */
export interface Example {
  readonly line: string
  readonly status: number
  readonly body: string
}

/** What stands in README.md where a person puts their own. */
export interface Tokens {
  access: string
  refresh: string
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/

/** The calls of README.md, in its order. */
export function readmeExamples(): Example[] {
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')
  const found = readme.matchAll(/^(curl .*)\n# (\d{3}) (.*)$/gm)
  return Array.from(found, ([, line = '', status, body = '']) => ({ line, status: Number(status), body }))
}

/**
 * Pastes a line into a shell, with another port and the tokens of this login in their places.
 *
 * @returns the status, and the body as it came
 */
export async function paste(line: string, url: string, tokens: Tokens): Promise<{ status: number; body: string }> {
  const own = line.replace('http://localhost:8000', url).replace(UUID, tokens.refresh)
  const env = { ...process.env, ACCESS: tokens.access }
  const { stdout } = await promisify(execFile)('bash', ['-c', `${own} -sS -w '\\n%{http_code}'`], { env })
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) }
}

/** A body with its tokens blotted out: they are new each time. */
export function withoutTokens(body: string): string {
  return body.replace(/"access_token":"eyJ[^"]*"/, '"access_token":"…"').replace(UUID, '…')
}

/** The tokens of an answer that has some, else the ones before. */
export function tokensAfter(body: string, before: Tokens): Tokens {
  const access = /"access_token":"([^"]*)"/.exec(body)?.[1]
  const refresh = /"refresh_token":"([^"]*)"/.exec(body)?.[1]
  return { access: access ?? before.access, refresh: refresh ?? before.refresh }
}
