import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { type Asset, ENCODINGS, findAssets } from '../docs-page/assets.ts'
import { page, policy } from '../docs-page/page.ts'
import type { Edge, EdgeContext } from '../edge/edge.ts'
import { otherMethods } from '../edge/methods.ts'
import { matches } from './jwks.ts'

/** `/docs`: the API reference, all of it from this server. `/` leads there. */
export function mountDocs(): Hono<Edge> {
  const app = new Hono<Edge>()
  let found: ReturnType<typeof findAssets> | undefined
  const assets = () => (found ??= findAssets())
  app.get('/', (c) => c.redirect('/docs', 302))
  app.on('GET', ['/docs', '/docs/'], async (c) => {
    const nonce = randomBytes(16).toString('base64')
    return c.html(page(await assets(), nonce), 200, {
      'Content-Security-Policy': policy(nonce),
      'Cross-Origin-Opener-Policy': 'same-origin',
    })
  })
  app.get('/docs/:name', async (c, next) => {
    const asset = Object.values(await assets()).find(({ path }) => path === c.req.path)
    return asset === undefined ? await next() : await send(c, asset)
  })
  for (const path of ['/', '/docs', '/docs/']) app.all(path, otherMethods(['GET']))
  return app
}

/** Sends an asset in the smallest form that the build has made and the browser takes. */
async function send(c: EdgeContext, { path, file, type }: Asset): Promise<Response> {
  const accepted = c.req.header('Accept-Encoding') ?? ''
  const [encoding, ending] = ENCODINGS.find(([name, end]) => accepted.includes(name) && existsSync(file + end)) ?? [
    '',
    '',
  ]
  const tag = `"${path.slice('/docs/'.length)}${ending}"`
  const headers = { 'Cache-Control': 'public, max-age=31536000, immutable', ETag: tag, Vary: 'Accept-Encoding' }
  if (matches(c.req.header('If-None-Match'), tag)) return c.body(null, 304, headers)
  const body = await readFile(file + ending)
  return c.body(body, 200, {
    ...headers,
    'Content-Type': type,
    ...(encoding !== '' && { 'Content-Encoding': encoding }),
  })
}
