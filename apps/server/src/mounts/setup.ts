import { Hono } from 'hono'
import type { Edge } from '../edge/edge.ts'

/** The page of the setup link. */
export const mountSetup = (): Hono<Edge> => new Hono<Edge>()
