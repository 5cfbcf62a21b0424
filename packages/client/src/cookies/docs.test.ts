import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { CookieSessionsOptions } from './cookie-sessions.ts'
import type { CookieSession } from './session.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const page = read('../../../../docs/client-cookies.md')

test('the page shows the smallest server as it is run; a test of the demo runs the other one', () => {
  const blocks = Array.from(page.matchAll(/```ts\n([^]*?)```/g), ([, code]) => code)
  expect(blocks).toEqual([read('../../../../apps/demo/src/server-rendered.ts'), read('../examples/cookie-server.ts')])
})

test('the smallest server answers', async () => {
  const { app } = await import('../examples/cookie-server.ts')
  const answer = await app.fetch(new Request('http://localhost:3000/'))
  expect(await answer.text()).toBe('You are signed-out.')
})

test('the page has every option, and all that a session has', () => {
  const options = { url: true, origin: true, verify: true } satisfies Record<keyof CookieSessionsOptions<unknown>, true>
  const members = {
    status: true,
    accessToken: true,
    claims: true,
    error: true,
    register: true,
    login: true,
    logout: true,
    fetch: true,
    commit: true,
    forward: true,
  } satisfies Record<keyof CookieSession<unknown>, true>
  for (const name of Object.keys({ ...options, ...members }))
    expect(page).toMatch(new RegExp(`^\\|.*\`${name}\\b`, 'm'))
})
