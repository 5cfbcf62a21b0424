import { expect, test } from '../testing/served.ts'

test('every answer names its request; a sane id of a proxy is kept, any other is not', async ({ send }) => {
  const ids = ['a', 'A-1_b.c', 'x'.repeat(64)]
  for (const id of ids) {
    expect((await send('GET', '/api/me/', { headers: { 'x-request-id': id } })).headers['x-request-id']).toBe(id)
  }
  for (const id of ['', 'x'.repeat(65), 'a b', '{"a":1}', 'a,b', 'ä']) {
    const answer = await send('GET', '/api/me/', { headers: { 'x-request-id': id } })
    expect(answer.headers['x-request-id']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect(answer.json().request_id).toBe(answer.headers['x-request-id'])
  }
})
