import type { Verifier } from '@latchkey/verify'
import { claimsIfAny, claimsOf, optionalToken, requireToken } from '@latchkey/verify/express'
import express, { type Express } from 'express'

export function createApp(verifier: Verifier): Express {
  const app = express()
  app.get('/me', requireToken(verifier), (request, response) => {
    response.json({ user_id: claimsOf(request).user_id })
  })
  app.get('/welcome', optionalToken(verifier), (request, response) => {
    response.send(`Hello ${claimsIfAny(request)?.username ?? 'stranger'}`)
  })
  return app
}
