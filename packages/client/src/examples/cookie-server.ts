import { createCookieSessions } from '@latchkey/client/cookies'

const sessions = createCookieSessions({ url: 'http://localhost:8000', origin: 'http://localhost:3000' })

export const app = {
  fetch: (request: Request) => sessions.handle(request, (session) => new Response(`You are ${session.status}.`)),
}
