import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { html, raw } from 'hono/html'
import { ICON, LOGO } from '../mounts/api-page-look.ts'
import { readVersion } from '../version.ts'

/** The files that stand in the page itself, so that it is one answer; a build puts them beside this one. */
export const FILES = ['setup.css', 'setup.js'] as const

/** The page and what it may do. */
export interface SetupPage {
  html: ReturnType<typeof html>
  policy: string
}

const EYE =
  '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M1.5 8S3.75 3.5 8 3.5 14.5 8 14.5 8 12.25 12.5 8 12.5 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="2"/></svg>'

/** Makes the page; it is the same for everybody, and holds nothing secret. */
export function setupPage(): SetupPage {
  const [style, script] = FILES.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  return { html: page(style ?? '', script ?? ''), policy: policy(style ?? '', script ?? '') }
}

/** It may run and show what stands in it, and talk to this server; nothing else. */
function policy(style: string, script: string): string {
  return [
    "default-src 'none'",
    `script-src 'sha256-${sha256(script)}'`,
    `style-src 'sha256-${sha256(style)}'`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')

const page = (style: string, script: string) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Make the first admin · Latchkey</title>
    <link rel="icon" href="${raw(ICON)}">
    <style>${raw(style)}</style>
  </head>
  <body>
    <main>
      <noscript>
        ${head('This page needs JavaScript')}
        <p>Without it: run <code>npx latchkey admin create</code> where the server runs.</p>
      </noscript>
      <section id="make" hidden>
        ${head('Make the first admin', 'This link works once, within an hour, until there is an admin.')}
        <form id="form" class="card" novalidate>
          <div id="status" class="status" role="status"></div>
          <div class="field">
            <label for="email">E-mail</label>
            <input id="email" type="email" autocomplete="username" autocapitalize="off" spellcheck="false" required
              aria-describedby="email-error">
            <p id="email-error" class="err" hidden></p>
          </div>
          <div class="field">
            <label for="password">Password</label>
            <div class="input">
              <input id="password" type="password" autocomplete="new-password" autocapitalize="off" spellcheck="false"
                required aria-describedby="password-error password-hint">
              <button id="eye" class="eye" type="button" aria-label="Show the password" aria-pressed="false">${raw(EYE)}</button>
            </div>
            <p id="password-error" class="err" hidden></p>
            <p id="password-hint" class="hint">A few words that do not belong together are good; spaces count.</p>
          </div>
          <button id="submit" class="main">Make admin</button>
        </form>
        <p class="small">Rather on the command line? <code>npx latchkey admin create</code> does the same and ends this link.</p>
      </section>
      <section id="done" hidden>
        ${head('You are the admin', html`<span id="done-email"></span> is the first admin. The link has ended.`)}
        <ul class="card steps">
          <li>Log in, with the password in place of the dots: <pre><code id="done-login"></code></pre></li>
          <li>Change settings, look at accounts, sessions and the audit: <pre><code>npx latchkey --help</code></pre></li>
          <li><span>All that an admin can do is in the <a href="/docs">API reference</a>.</span></li>
        </ul>
      </section>
      <section id="spent" hidden>
        ${head('This link has ended', 'It was used, is older than an hour, or there is an admin already.')}
        <ul class="card steps">
          <li>If it was you who used it, log in: the account is there.</li>
          <li>Else start the server again, which prints a new link while there is no admin, or run where it runs: <pre><code>npx latchkey admin create</code></pre></li>
        </ul>
      </section>
      <section id="none" hidden>
        ${head('A link is needed here', 'The first admin is made by the link that the server prints when it starts.')}
        <ul class="card steps">
          <li>Open that link whole, with all that stands behind the #. After a reload of this page, open it again.</li>
          <li>Or run where the server runs: <pre><code>npx latchkey admin create</code></pre></li>
        </ul>
      </section>
    </main>
    <footer><span>Latchkey ${readVersion()}</span><span id="host"></span></footer>
    <script>${raw(script)}</script>
  </body>
</html>
`

/** The head of a part. The focus comes there when the part is shown, so that screen readers read it. */
const head = (title: string, lead: unknown = '') =>
  html`<div>${raw(LOGO)}<h1 tabindex="-1">${title}</h1>${lead === '' ? '' : html`<p class="lead">${lead}</p>`}</div>`
