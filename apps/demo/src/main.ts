import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { createVerifier } from '@latchkey/verify'
import { createService } from './service.ts'

const { DEMO_PORT = '3000', LATCHKEY_URL: latchkeyUrl = 'http://localhost:8000' } = process.env
const page = join(import.meta.dirname, 'page')
const html = readFileSync(join(page, 'index.html'), 'utf8').replace('{latchkey-url}', encodeURI(latchkeyUrl))

const service = createService({ verifier: createVerifier({ issuer: latchkeyUrl }), latchkeyUrl })
service.get('/', (c) => c.html(html))
service.get('/assets/*', serveStatic({ root: page }))

const server = serve({ fetch: service.fetch, hostname: '127.0.0.1', port: Number(DEMO_PORT) }, ({ port }) => {
  process.stdout.write(`The notes are at http://localhost:${port}\n`)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close())
