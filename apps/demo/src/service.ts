import { requireToken } from '@latchkey/verify/hono'
import type { Verifier } from '@latchkey/verify'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { validator } from 'hono/validator'
import { z } from 'zod'
import { createNotes, TEXT_MAX } from './notes.ts'

/** What {@link createService} is made from. */
export interface ServiceOptions {
  /** Checks the access tokens that the page sends. */
  verifier: Verifier
  /** Where the Latchkey server is, for the page. */
  latchkeyUrl: string
}

const newNote = z.object({ text: z.string().trim().min(1).max(TEXT_MAX) })

/** The notes of whoever calls. Who that is, the access token says; nobody is asked for it. */
function notesApi(verifier: Verifier) {
  const notes = createNotes()
  return new Hono()
    .use(requireToken(verifier), bodyLimit({ maxSize: 8192 }))
    .get('/', (c) => c.json(notes.of(c.get('claims').user_id)))
    .post(
      '/',
      validator('json', (body, c) => newNote.safeParse(body).data ?? c.json({ code: 'invalid_input' }, 400)),
      (c) => c.json(notes.add(c.get('claims').user_id, c.req.valid('json').text), 201),
    )
    .delete('/:id', (c) => {
      notes.remove(c.get('claims').user_id, c.req.param('id'))
      return c.body(null, 204)
    })
}

/** The service: its API. The page is put beside it by `main.ts`. */
export function createService({ verifier, latchkeyUrl }: ServiceOptions) {
  const policy = {
    // The page keeps its tokens where its scripts can read them: so no script may run that is not its own.
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'", latchkeyUrl],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  }
  return new Hono().use(secureHeaders({ contentSecurityPolicy: policy })).route('/api/notes', notesApi(verifier))
}

/** By this type the page calls it. */
export type Service = ReturnType<typeof createService>
