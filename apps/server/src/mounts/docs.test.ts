import { expect, test } from 'vitest'
import { mountDocs } from './docs.ts'

const docs = mountDocs()

/** The page, and the address of what it loads. */
async function page() {
  const answer = await docs.request('/docs')
  const text = await answer.text()
  const [scalar = ''] = /\/docs\/scalar-\w+\.js/.exec(text) ?? []
  return { answer, text, scalar }
}

test('/ leads to the docs', async () => {
  const answer = await docs.request('/')
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs'])
})

test('the page runs scripts of ours only, and makes a nonce each time', async () => {
  const [one, two] = [await page(), await page()]
  const policy = one.answer.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'; script-src 'self';")
  expect(policy).toContain("connect-src 'self'")
  const [, nonce = ''] = /'nonce-(.+?)'/.exec(policy) ?? []
  expect(one.text).toContain(`content="${nonce}"`)
  expect(two.text).not.toContain(nonce)
})

test('the page names nothing of another origin', async () => {
  const { text } = await page()
  expect([...text.matchAll(/(?:src|href)="(.*?)"/g)].filter(([, url]) => !url?.startsWith('/'))).toEqual([])
})

test('a file may be kept for ever, because its name has its hash', async () => {
  const { scalar } = await page()
  const answer = await docs.request(scalar)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1_000_000)
  const tag = answer.headers.get('etag') ?? ''
  expect((await docs.request(scalar, { headers: { 'If-None-Match': tag } })).status).toBe(304)
})

test('a file of another hash or name is not there', async () => {
  for (const name of ['scalar-0123456789abcdef.js', 'scalar.js', '..%2Fpage.ts']) {
    expect((await docs.request(`/docs/${name}`)).status).toBe(404)
  }
})
