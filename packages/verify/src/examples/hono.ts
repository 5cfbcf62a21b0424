import type { Verifier } from '@latchkey/verify'
import { optionalToken, requireToken } from '@latchkey/verify/hono'
import { Hono } from 'hono'

const notes = new Map<number, string[]>()

export const createApp = (verifier: Verifier) =>
  new Hono()
    .get('/notes', requireToken(verifier), (c) => c.json(notes.get(c.get('claims').user_id) ?? []))
    .post('/notes', requireToken(verifier), async (c) => {
      const { user_id } = c.get('claims')
      notes.set(user_id, [...(notes.get(user_id) ?? []), await c.req.text()])
      return c.json(notes.get(user_id), 201)
    })
    .get('/welcome', optionalToken(verifier), (c) => c.text(`Hello ${c.get('claims')?.username ?? 'stranger'}`))
