import type { IncomingMessage, ServerResponse } from 'node:http'
import { isTooLarge } from './json-body.ts'

/** Milliseconds in which a client can read why it was refused, before its connection is closed under what it still sends. */
const LINGER_MS = 500

/**
 * Reads no more of a long body that nobody wanted, once its request is answered: throwing 64 MB away takes longer than a
 * hundred refreshes. A small one is left to Node, which reads it to its end, so that the connection can be used again.
 *
 * The connection stays open for a moment. Were it closed at once, as Node does, the system would tell the client of what was
 * never read, and throw the answer away with it.
 */
export function leaveUnread(request: IncomingMessage, response: ServerResponse): void {
  if (!isTooLarge(request) && request.headers['transfer-encoding'] === undefined) return
  const { socket } = request
  const destroySoon = socket.destroySoon.bind(socket)
  socket.destroySoon = () => {
    if (request.complete) destroySoon()
    else socket.end()
  }
  response.on('finish', () => {
    if (request.complete) return
    // Not before Node has begun to read it to its end, which is what it does first.
    setImmediate(() => socket.pause())
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  })
}
