import { createHash } from 'node:crypto'
import { appRouter, type Operation, operationsOf } from '@latchkey/api'
import { ERRORS, type LatchkeyError } from '@latchkey/core'
import { html, raw } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { RefusalPage } from '../edge/refuse.ts'
import { ARROW, COPY, ICON, LOGO, SCRIPT, STYLE } from './api-page-look.ts'

/** Nothing is loaded from anywhere, and nothing runs but what stands in this source. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${sha256(STYLE)}'`,
  `script-src 'sha256-${sha256(SCRIPT)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

type Html = ReturnType<typeof html>

/**
 * For a person who opens an address of the API in a browser: how to call it, and the way to the documentation. It is
 * the refusal that everybody gets, with the same status and headers, in another form.
 *
 * @param issuer the public URL of this service; what a request claims to be its host is not shown
 */
export function apiPage({ issuer }: { issuer: string }): RefusalPage {
  const operations = operationsOf(appRouter)
  return (c, error) => {
    if ((c.req.method !== 'GET' && c.req.method !== 'HEAD') || !/^\/api(?:\/|$)/.test(c.req.path)) return undefined
    const { accept = '', authorization } = c.env.incoming.headers
    c.env.outgoing.appendHeader('Vary', 'Accept')
    if (!accept.includes('text/html') || authorization !== undefined) return undefined

    const path = c.req.path.replace(/\/$/, '')
    // The start page of the API is one for browsers only; all others find nothing there.
    const isRoot = path === '/api' && error.code === 'not_found'
    const exact = operations.filter((operation) => operation.path === path)
    const here = exact.length > 0 ? exact : operations.filter((operation) => isAt(operation, path))
    const operation = here.find(({ method }) => method === 'GET') ?? here[0]
    const page = operation ? operationPage(issuer, operation, error) : overviewPage(issuer, operations, isRoot, error)
    const status = isRoot ? 200 : (error.status as ContentfulStatusCode)
    return c.html(page, status, { 'Content-Security-Policy': POLICY })
  }
}

/** Whether a path is that of an operation; its parameters may be anything. */
function isAt(operation: Operation, path: string): boolean {
  const expected = operation.path.split('/')
  const parts = path.split('/')
  return expected.length === parts.length && expected.every((part, at) => part.startsWith('{') || part === parts[at])
}

function operationPage(issuer: string, operation: Operation, error: LatchkeyError): Html {
  const { method, path, description } = operation
  const errors = operation.errors.toSorted((a, b) => ERRORS[a].status - ERRORS[b].status)
  const main = html`<div><h1><span class="verb">${method}</span>${path}/</h1>
<p class="soft">${prose(description)} ${prose(whyHere(error))}</p></div>
<div class="code"><button type="button" hidden aria-label="Copy">${raw(COPY)}</button><pre>${curl(issuer, operation)}</pre></div>
<section class="card"><table><thead><tr><th>Answer</th><th>Code</th><th>When</th></tr></thead><tbody>
${successRow(operation)}${errors.map((code) => row(ERRORS[code].status, code, ERRORS[code].meaning))}
</tbody></table></section>`
  return layout(issuer, `${method} ${path}/`, main)
}

function overviewPage(issuer: string, operations: Operation[], isRoot: boolean, error: LatchkeyError): Html {
  const title = isRoot ? 'The API' : error.message
  const lead = isRoot ? 'Every path is served with and without the slash at the end.' : ERRORS[error.code].meaning
  const rows = operations.map(
    ({ method, path, summary, examples }) =>
      html`<tr><td><span class="verb">${method}</span></td><td><a class="mono" href="${filledPath(path, examples)}/">${path}/</a></td><td>${summary}</td></tr>`,
  )
  const main = html`<div><h1>${title}</h1><p class="soft">${prose(lead)} This is what there is:</p></div>
<section class="card"><table><thead><tr><th>Method</th><th>Path</th><th>What it does</th></tr></thead><tbody>${rows}</tbody></table></section>`
  return layout(issuer, title, main)
}

function layout(issuer: string, title: string, main: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title} · Latchkey</title><link rel="icon" href="${raw(ICON)}">
<style>${raw(STYLE)}</style></head>
<body><main><a class="row" href="/docs/">${raw(LOGO)}<b>Latchkey</b><span class="quiet">${new URL(issuer).host}</span></a>
${main}
<p class="row"><a class="btn main" href="/docs/">Open in the API reference${raw(ARROW)}</a><a class="btn" href="/openapi.json">openapi.json</a></p></main>
<script>${raw(SCRIPT)}</script></body></html>`
}

function whyHere({ code }: LatchkeyError): string {
  if (code === 'method_not_allowed') {
    return 'A browser’s address bar sends GET, which this path does not take, so here is how to call it.'
  }
  if (code === 'missing_token') return 'A browser’s address bar sends no access token, so here is how to call it.'
  return ERRORS[code].meaning
}

/** A path that can be called, by the parameters that the documentation shows. */
function filledPath(path: string, { path: parameters = {} }: Operation['examples']): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? name))
}

function curl(issuer: string, { method, path, session, examples }: Operation): string {
  const lines = [`curl -X ${method} ${issuer.replace(/\/$/, '')}${filledPath(path, examples)}/`]
  if (session) lines.push('-H "Authorization: Bearer $ACCESS"')
  if (examples.request) lines.push('-H "Content-Type: application/json"', `-d '${oneLine(examples.request)}'`)
  return lines.join(' \\\n  ')
}

/** JSON as the contract writes it. */
function oneLine(value: object): string {
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${JSON.stringify(inner)}`)
  return `{${entries.join(', ')}}`
}

function successRow({ status, examples }: Operation): Html {
  const keys = Object.keys(examples.response).map((key) => `\`${key}\``)
  return row(status, '—', keys.join(', ').replace(/, (?=[^,]*$)/, ' and '))
}

function row(status: number, code: string, when: string): Html {
  const kind = status < 400 ? 'ok' : status < 500 ? 'warn' : 'bad'
  return html`<tr><td><span class="badge ${kind}">${status}</span></td><td class="mono">${code}</td><td>${prose(when)}</td></tr>`
}

/** Text in which `…` stands for code. */
function prose(text: string): Html[] {
  return text.split('`').map((part, i) => (i % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
