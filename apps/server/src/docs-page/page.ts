import type { Asset, AssetName } from './assets.ts'

/** The page: Scalar, started by a script of ours and in our colours, below a bar of our own. */
export function page(assets: Record<AssetName, Asset>, nonce: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta property="csp-nonce" content="${nonce}">
    <title>Latchkey API</title>
    <link rel="icon" type="image/svg+xml" href="${assets['favicon.svg'].path}">
    <link rel="stylesheet" href="${assets['theme.css'].path}">
    <script defer src="${assets['start.js'].path}"></script>
    <script defer src="${assets['scalar.js'].path}"></script>
  </head>
  <body>
    <header class="bar">
      <a class="bar-name" href="/docs"><img src="${assets['favicon.svg'].path}" alt="" width="18" height="18">Latchkey</a>
      <span class="bar-title">API reference</span>
      <nav class="bar-links" aria-label="This API as a document">
        <a href="/openapi.json">openapi.json</a>
        <a href="/openapi.yaml">openapi.yaml</a>
      </nav>
    </header>
    <noscript>This page needs JavaScript. What it shows is in <a href="/openapi.yaml">openapi.yaml</a>.</noscript>
    <div id="reference"></div>
  </body>
</html>
`
}

/** What the page may do: run and load what this server gives out, and talk to this server. */
export function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    // Lines of code are numbered by an attribute that is different for each.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
