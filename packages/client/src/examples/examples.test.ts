import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLatchkeyClient } from '@latchkey/client'
import { vi } from 'vitest'
import { expect, PASSWORD, test as base } from '../testing/server.ts'

/** The server and the service that the examples name, at addresses of this test. */
const test = base.extend('notes', { auto: true }, ({ server }, { onCleanup }) => {
  const notes: { token: string | null; text: string }[] = []
  const { fetch } = globalThis
  vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
    const { url, headers } = new Request(...request)
    if (!url.startsWith('https://notes.example.com'))
      return await fetch(url.replace('http://localhost:8000', server.url), request[1])
    notes.push({ token: headers.get('authorization'), text: await new Request(...request).text() })
    return Response.json(notes.map(({ text }) => text))
  })
  onCleanup(() => void vi.unstubAllGlobals())
  return notes
})

test('an app greets who logs in, and its service gets the token', async ({ notes }) => {
  const { join: register, latchkey, watch } = await import('./start.ts')
  const shown: string[] = []
  const stop = watch((text) => void shown.push(text))
  await latchkey.ready()
  await register(`${crypto.randomUUID()}@example.com`, PASSWORD)
  const { addNote } = await import('./notes.ts')
  expect(await addNote('Buy milk')).toEqual(['Buy milk'])
  expect(notes[0]?.token).toMatch(/^Bearer eyJ/)
  const { devices, newUsers, rename } = await import('./account.ts')
  expect(await rename('Ann')).toMatchObject({ username: 'Ann' })
  expect(await devices()).toEqual(['an app (this one)'])
  await expect(newUsers()).rejects.toMatchObject({ code: 'admin_required' })
  await latchkey.logout()
  stop()
  expect(shown).toEqual(['Log in', expect.stringMatching(/^Hello \d+$/), 'Hello Ann', 'Log in'])
})

test('a form says what is wrong', async ({ makeAccount }) => {
  const { submit } = await import('./login-form.ts')
  const { email, password } = await makeAccount()
  expect(await submit(email, 'wrong')).toBe('Wrong e-mail or password.')
  expect(await submit('x'.repeat(70_000), password)).toMatch(/^Something went wrong \(body_too_large, request \S+\)\.$/)
  expect(await submit(email, password)).toBeUndefined()
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')))
  expect(await submit(email, password)).toBe('No connection.')
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 503, headers: { 'retry-after': '7' } })))
  expect(await submit(email, password)).toBe('Try again in 7 s.')
})

test('a command is still logged in with its next run', async ({ makeAccount, onTestFinished }) => {
  const { filesIn } = await import('./file-storage.ts')
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-client-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const run = () => createLatchkeyClient({ url: 'http://localhost:8000', storage: filesIn(join(folder, 'session')) })
  const { email, password } = await makeAccount()
  await run().login({ email, password })
  expect(await run().me()).toMatchObject({ email })
  for (const file of await readdir(join(folder, 'session'))) {
    expect((await stat(join(folder, 'session', file))).mode & 0o777).toBe(0o600)
  }
  await run().logout()
  expect(await run().ready()).toBeNull()
})
