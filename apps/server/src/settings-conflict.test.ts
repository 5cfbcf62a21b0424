import { COMMAND, editAccount, login } from '@latchkey/core'
import { type Answer, expect, type Sent, test as base } from './testing/served.ts'

const test = base
  /** Asks as an admin. */
  .extend('ask', async ({ core, makeAccount, send }) => {
    const account = await makeAccount()
    await editAccount(core, account.id, { role: 'admin' }, COMMAND)
    const { accessToken } = await login(core, account)
    return (method: string, path: string, sent: Sent = {}): Promise<Answer> =>
      send(method, path, { ...sent, headers: { authorization: `Bearer ${accessToken}`, ...sent.headers } })
  })
  /** Another value for each save, which no other test waits for. */
  .extend('body', () => (more: object = {}) => ({
    changes: { SESSION_RETENTION: 86_400 + Math.floor(Math.random() * 1_000_000) },
    ...more,
  }))

const SETTINGS = '/api/admin/settings/'

test('the settings carry their revision as an ETag, and so does the answer to a save', async ({ ask, body }) => {
  const before = await ask('GET', SETTINGS)
  expect(before.headers.etag).toBe(`"${before.json().revision as number}"`)
  const saved = await ask('PATCH', SETTINGS, { body: body(), headers: { 'if-match': before.headers.etag ?? '' } })
  expect(saved.status, saved.text).toBe(200)
  expect(saved.headers.etag).toBe(`"${(before.json().revision as number) + 1}"`)
  expect(saved.headers['cache-control']).toBe('no-store')
  const again = await ask('PATCH', SETTINGS, { body: body({ revision: saved.json().revision }) })
  expect(again.status, again.text).toBe(200)
  const after = await ask('GET', SETTINGS)
  expect(after.headers.etag).toBe(again.headers.etag)
})

test('of two that save on the same revision one is refused, and sees what the other saved', async ({ ask }) => {
  const { etag = '' } = (await ask('GET', SETTINGS)).headers
  const seen = Number(etag.replaceAll('"', ''))
  const save = (minutes: string) =>
    ask('PATCH', SETTINGS, { headers: { 'if-match': etag }, body: { changes: { SESSION_RETENTION: minutes } } })
  const [first, second] = [await save('3d'), await save('4d')]
  expect(first.status, first.text).toBe(200)
  expect(second).toMatchObject({ status: 409, headers: { 'content-type': 'application/problem+json' } })
  expect(second.json()).toMatchObject({
    code: 'revision_conflict',
    conflict: {
      base: seen,
      revision: seen + 1,
      settings: [{ name: 'SESSION_RETENTION', theirs: 259_200, yours: 345_600 }],
    },
  })

  const overTrpc = await ask('POST', '/trpc/admin.settings.save', {
    body: { changes: { SESSION_RETENTION: '4d' }, revision: seen },
  })
  expect(overTrpc.status).toBe(409)
  expect(JSON.parse(overTrpc.text).error.data).toMatchObject({
    code: 'revision_conflict',
    conflict: second.json().conflict,
  })
})

test('If-Match has to name one revision, and nothing else', async ({ ask, body }) => {
  const { etag = '' } = (await ask('GET', SETTINGS)).headers
  const fault = async (sent: Sent) => {
    const answer = await ask('PATCH', SETTINGS, sent)
    expect(answer.status, answer.text).toBe(400)
    expect(answer.headers.etag).toBeUndefined()
    return answer
      .json()
      .errors?.map(({ path, code }) => `${path.join('.')} ${code}`)
      .join()
  }
  expect(await fault({ body: body() })).toBe('revision revision_missing')
  for (const tag of ['*', `W/${etag}`, `${etag}, "99"`, '99', '""', '"x"', '']) {
    expect(await fault({ body: body(), headers: { 'if-match': tag } })).toBe('If-Match if_match_invalid')
  }
  expect(await fault({ body: body({ revision: 99 }), headers: { 'if-match': etag } })).toBe(
    'revision revision_ambiguous',
  )
  expect(await fault({ body: body({ revision: 'x' }) })).toBe('revision revision_wrong_type')
  expect(await fault({ body: { revision: 1 } })).toBe('changes changes_missing')
  expect(await fault({ body: { changes: { SESSION_RETENTION: { days: 1 } } } })).toBe(
    'changes.SESSION_RETENTION setting_invalid',
  )
  for (const length of ['soon', '', 0, -1, 1.5, true]) {
    expect(await fault({ body: body({ for: length }), headers: { 'if-match': etag } })).toBe('for for_invalid')
  }
})

test('over tRPC the input names the revision; a header would be for ten calls at once', async ({ ask, body }) => {
  const { etag = '' } = (await ask('GET', SETTINGS)).headers
  const refused = await ask('POST', '/trpc/admin.settings.save', { body: body(), headers: { 'if-match': etag } })
  expect(refused.status).toBe(400)
  expect(refused.text).toContain('revision_missing')
  expect(refused.headers.etag).toBeUndefined()
})

test('a rollback, too, is previewed and saved on the revision that was seen; what changes nothing makes none', async ({
  ask,
  body,
}) => {
  const revisionOf = async () => (await ask('GET', SETTINGS)).json().revision as number
  const old = (await ask('PATCH', SETTINGS, { body: body({ revision: await revisionOf() }) })).json().revision as number
  const seen = (await ask('PATCH', SETTINGS, { body: body({ revision: old }) })).json().revision as number
  const preview = (revision: number) => ask('POST', `${SETTINGS}preview/`, { body: { to: old, revision } })
  const rollBack = (to: number, revision: number) => ask('POST', `${SETTINGS}rollback/`, { body: { to, revision } })

  expect(await preview(seen)).toMatchObject({ status: 200 })
  expect(await preview(old)).toMatchObject({ status: 409 })
  for (const refused of [await preview(seen + 1), await rollBack(old, seen + 1)]) {
    expect(refused.status, refused.text).toBe(400)
    expect(refused.json().errors).toMatchObject([{ path: ['revision'], code: 'revision_unknown' }])
  }
  const nothing = await rollBack(seen, seen)
  expect(nothing, nothing.text).toMatchObject({ status: 200, headers: { etag: `"${seen}"` } })
  expect(nothing.json()).toMatchObject({ revision: seen, changes: [] })
  expect(await revisionOf()).toBe(seen)
})
