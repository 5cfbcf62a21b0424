import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { LatchkeyErrorCode } from './errors.ts'
import type { LatchkeyClientOptions } from './latchkey.ts'
import type { ServerErrorCode } from './router.ts'
import type { SessionEvent } from './session.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** The chapters of the core; those of React and of cookies have their own examples. */
const [page = ''] = read('../../../docs/client.md').split('\n## React\n')

const rowsBelow = (heading: string) => {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  return Array.from(section.split('\n## ')[0]?.matchAll(/^\| `(\w+)` \|/gm) ?? [], ([, name]) => name)
}

test('the page shows the examples as they are run, each one', () => {
  const blocks = Array.from(page.matchAll(/```ts\n([^]*?)```/g), ([, code]) => code)
  const examples = ['start', 'notes', 'login-form', 'account', 'file-storage']
  expect(new Set(blocks)).toEqual(new Set(examples.map((name) => read(`./examples/${name}.ts`))))
  expect(readdirSync(new URL('./examples', import.meta.url))).toEqual(
    expect.arrayContaining(examples.map((name) => `${name}.ts`)),
  )
})

test('the page has every option, every event, and every code that is the client’s own', () => {
  const options = {
    url: true,
    storage: true,
    storageKey: true,
    fetch: true,
    headers: true,
    environment: true,
  } satisfies Record<keyof LatchkeyClientOptions, true>
  const events = {
    INITIAL_SESSION: true,
    SIGNED_IN: true,
    TOKEN_REFRESHED: true,
    USER_UPDATED: true,
    SIGNED_OUT: true,
  } satisfies Record<SessionEvent, true>
  const codes = {
    offline: true,
    timeout: true,
    aborted: true,
    unreadable_answer: true,
    superseded: true,
  } satisfies Record<Exclude<LatchkeyErrorCode, ServerErrorCode>, true>
  expect(rowsBelow('Options')).toEqual(Object.keys(options))
  expect(rowsBelow('Events')).toEqual(Object.keys(events))
  expect(rowsBelow('Errors')).toEqual(Object.keys(codes))
})
