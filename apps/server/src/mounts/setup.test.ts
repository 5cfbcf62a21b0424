import { createHash } from 'node:crypto'
import { expect, test } from '../testing/served.ts'
import { mountSetup } from './setup.ts'

const setup = mountSetup()
const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

test('the page may run what stands in it and nothing else', async () => {
  const answer = await setup.request('/admin/setup')
  const [policy, text] = [answer.headers.get('content-security-policy') ?? '', await answer.text()]
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  const [, script = ''] = /<script>(.*?)<\/script>/s.exec(text) ?? []
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(text) ?? []
  expect(policy).toContain(`script-src ${sha256(script)};`)
  expect(policy).toContain(`style-src ${sha256(style)};`)
  // An attribute would need more than that.
  expect(text).not.toMatch(/ (style|on\w+)="/)
})

test('the page names nothing of another origin', async () => {
  const text = await (await setup.request('/admin/setup')).text()
  expect([...text.matchAll(/(?:src|href)="(.*?)"/g)].map(([, url]) => url)).toEqual([
    expect.stringMatching(/^data:/),
    '/docs',
  ])
})

test('every label names a field, and every field is described', async () => {
  const text = await (await setup.request('/admin/setup')).text()
  const named = [...text.matchAll(/<label for="(.*?)"/g)].map(([, id]) => id)
  expect(named).toEqual(['email', 'password'])
  const ids = [...text.matchAll(/ id="(.*?)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const [, described = ''] of text.matchAll(/aria-describedby="(.*?)"/g)) {
    for (const id of described.split(' ')) expect(ids).toContain(id)
  }
})

test('with and without the slash, GET and HEAD; anything else is refused', async ({ serve }) => {
  const port = await serve({
    mounts: { health: mountSetup(), jwks: mountSetup(), docs: mountSetup(), setup: mountSetup() },
  })
  for (const path of ['/admin/setup', '/admin/setup/']) {
    const page = await fetch(`http://127.0.0.1:${port}${path}`)
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const head = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const post = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  }
  expect((await fetch(`http://127.0.0.1:${port}/admin/setup/x`)).status).toBe(404)
})
