import type { Verifier } from '@latchkey/verify'
import { claimsIfAny, claimsOf, optionalToken, requireToken } from '@latchkey/verify/fastify'
import { fastify } from 'fastify'

export function createApp(verifier: Verifier) {
  const app = fastify()
  app.get('/me', { onRequest: requireToken(verifier) }, (request) => ({ user_id: claimsOf(request).user_id }))
  app.get('/welcome', { onRequest: optionalToken(verifier) }, (request) => {
    return `Hello ${claimsIfAny(request)?.username ?? 'stranger'}`
  })
  return app
}
