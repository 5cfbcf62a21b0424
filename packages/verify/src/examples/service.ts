import { createVerifier } from '@latchkey/verify'
import { requireToken } from '@latchkey/verify/hono'
import { Hono } from 'hono'

const verifier = createVerifier({ issuer: 'http://localhost:8000' })

export const app = new Hono().get('/me', requireToken(verifier), (c) => c.json(c.get('claims')))
