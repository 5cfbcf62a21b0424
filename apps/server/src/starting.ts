import { randomUUID } from 'node:crypto'
import { errorHeaders, problem } from '@latchkey/api'
import { LatchkeyError } from '@latchkey/core'
import type { Listener } from './http-server.ts'

/** Answers while a start waits for its database: the process lives, and nothing is ready. */
export const answerStarting: Listener = (request, response) => {
  request.resume()
  if (request.url?.startsWith('/livez')) {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ status: 'live' }))
    return
  }
  const error = new LatchkeyError('unavailable')
  response
    .writeHead(error.status, { 'Content-Type': 'application/problem+json', ...errorHeaders(error) })
    .end(JSON.stringify(problem(error, randomUUID())))
}
