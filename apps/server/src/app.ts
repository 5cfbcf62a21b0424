import type { Core } from '@latchkey/core'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import type { Edge } from './edge/edge.ts'

/** What {@link createApp} is made from. */
export interface AppOptions {
  core: Core
  log: Logger
  /** Origins whose pages may call the API from a browser: `https://app.example.com`. None by default. */
  corsOrigins: string[]
  /** Set to true by whoever stops the process: from then on new requests get a 503 and their connection closes. */
  state: { draining: boolean }
  /** What does not belong to the API, each with its full paths; `health` answers while draining too. */
  mounts: { health: Hono<Edge>; jwks: Hono<Edge>; docs: Hono<Edge> }
}

/** The whole server, as a function of a request. */
export function createApp({ mounts }: AppOptions): Hono<Edge> {
  const app = new Hono<Edge>()
  app.route('/', mounts.health)
  app.route('/', mounts.jwks)
  app.route('/', mounts.docs)
  return app
}
