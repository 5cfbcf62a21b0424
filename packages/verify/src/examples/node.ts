import { createServer } from 'node:http'
import type { Verifier } from '@latchkey/verify'
import { requireToken } from '@latchkey/verify/node'

export const createApp = (verifier: Verifier) =>
  createServer(
    requireToken(verifier, (request, response, claims) => {
      response.end(JSON.stringify({ user_id: claims.user_id, path: request.url }))
    }),
  )
