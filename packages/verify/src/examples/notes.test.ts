import { createTestIssuer } from '@latchkey/verify/testing'
import { expect, test } from 'vitest'
import { createApp } from './hono.ts'

const { verifier, token, expiredToken } = await createTestIssuer()
const app = createApp(verifier)
const bearer = (accessToken: string) => ({ Authorization: `Bearer ${accessToken}` })

test('everybody sees the own notes, and no others', async () => {
  const ann = bearer(await token({ user_id: 1, username: 'Ann' }))
  const ben = bearer(await token({ user_id: 2, username: 'Ben' }))
  await app.request('/notes', { method: 'POST', headers: ann, body: 'Buy milk' })
  expect(await (await app.request('/notes', { headers: ann })).json()).toEqual(['Buy milk'])
  expect(await (await app.request('/notes', { headers: ben })).json()).toEqual([])
})

test('who is not logged in sees none', async () => {
  expect((await app.request('/notes')).status).toBe(401)
  const answer = await app.request('/notes', { headers: bearer(await expiredToken()) })
  expect(await answer.json()).toMatchObject({ status: 401, code: 'token_expired' })
})
