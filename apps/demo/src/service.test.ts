import { createTestIssuer } from '@latchkey/verify/testing'
import { hc } from 'hono/client'
import { expect, test as base } from 'vitest'
import { createService, type Service } from './service.ts'

const LATCHKEY = 'http://localhost:8000'

/** The service, and how a page of user `id` calls it: typed, by its routes. */
const test = base
  .extend('issuer', () => createTestIssuer({ issuer: LATCHKEY }))
  .extend('service', ({ issuer }) => createService({ verifier: issuer.verifier, latchkeyUrl: LATCHKEY }))
  .extend('notesOf', ({ issuer, service }) => async (id: number) => {
    const headers = { Authorization: `Bearer ${await issuer.token({ user_id: id, sub: String(id) })}` }
    return hc<Service>('http://notes.test/', { headers, fetch: service.request }).api.notes
  })

test('keeps the notes of each user apart, the newest first', async ({ notesOf }) => {
  const [ann, bob] = await Promise.all([notesOf(1), notesOf(2)])
  await ann.$post({ json: { text: 'one' } })
  await ann.$post({ json: { text: 'two' } })
  await bob.$post({ json: { text: 'three' } })
  expect(await (await ann.$get()).json()).toMatchObject([{ text: 'two' }, { text: 'one' }])
  expect(await (await bob.$get()).json()).toMatchObject([{ text: 'three' }])
})

test('removes a note of whoever calls, and of nobody else', async ({ notesOf }) => {
  const [ann, bob] = await Promise.all([notesOf(1), notesOf(2)])
  const answer = await ann.$post({ json: { text: 'mine' } })
  const param = { id: answer.status === 201 ? (await answer.json()).id : '' }
  await bob[':id'].$delete({ param })
  expect(await (await ann.$get()).json()).toHaveLength(1)
  expect((await ann[':id'].$delete({ param })).status).toBe(204)
  expect(await (await ann.$get()).json()).toEqual([])
})

test('answers nobody without a token', async ({ service }) => {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const answer = await service.request('/api/notes/x', { method })
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Bearer')])
  }
})

test.for([{}, { text: '' }, { text: ' ' }, { text: 'x'.repeat(501) }, { text: 7 }, []])(
  'takes %j for no note',
  async (json, { notesOf }) => {
    const ann = await notesOf(1)
    // What no page of ours would send.
    expect((await ann.$post({ json: json as { text: string } })).status).toBe(400)
    expect(await (await ann.$get()).json()).toEqual([])
  },
)

test('the page may run its own scripts, and talk to this service and to Latchkey', async ({ service }) => {
  const policy = (await service.request('/')).headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'; script-src 'self'")
  expect(policy).toContain(`connect-src 'self' ${LATCHKEY};`)
})
