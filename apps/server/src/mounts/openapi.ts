import { Hono } from 'hono'
import { stringify } from 'yaml'
import type { Edge } from '../edge/edge.ts'
import { otherMethods } from '../edge/methods.ts'

/** The OpenAPI document, as JSON and as YAML. It is made when it is first asked for: its generator takes 150 ms to load. */
export function mountOpenApi(): Hono<Edge> {
  const app = new Hono<Edge>()
  const document = once(async () => (await import('@latchkey/api/openapi')).openApiDocument())
  const json = once(async () => JSON.stringify(await document(), undefined, 2))
  const yaml = once(async () => stringify(await document(), { lineWidth: 0 }))
  app.get('/openapi.json', async (c) => c.body(await json(), 200, { 'Content-Type': 'application/json' }))
  app.get('/openapi.yaml', async (c) => c.body(await yaml(), 200, { 'Content-Type': 'application/yaml' }))
  for (const path of ['/openapi.json', '/openapi.yaml']) app.all(path, otherMethods(['GET']))
  return app
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
