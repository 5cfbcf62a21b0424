/* global document, globalThis, location, Scalar */

// Runs before Scalar's own script. The policy of this page allows styles only from files of ours, and where they carry
// its nonce: those that Scalar makes at run time get it here.
const nonce = document.querySelector('meta[property="csp-nonce"]').content
const createElement = document.createElement.bind(document)
document.createElement = (name, options) => {
  const element = createElement(name, options)
  if (name === 'style') element.nonce = nonce
  return element
}

// Zod, which Scalar brings along, would try whether it may make code at run time. It may not.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })

document.addEventListener('DOMContentLoaded', () => {
  Scalar.createApiReference('#reference', {
    slug: 'latchkey',
    url: '/openapi.json',
    // The address by which this browser knows the server, whatever the server calls itself.
    servers: [{ url: location.origin }],
    authentication: { preferredSecurityScheme: 'accessToken' },
    theme: 'none',
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    showDeveloperTools: 'never',
    hideClientButton: true,
    documentDownloadType: 'none',
    defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
    defaultOpenAllTags: true,
    // An error's `type` links to its heading by its code, as it is.
    generateHeadingSlug: ({ slug }) => `latchkey/description/${slug.replaceAll('-', '_')}`,
  })
})
