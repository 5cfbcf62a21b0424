import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REASONS, TOKEN_ERRORS } from './token-error.ts'
import type { VerifierOptions } from './verifier.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const page = read('../../../docs/verify.md')
const blocksOf = (text: string) => Array.from(text.matchAll(/```ts\n([^]*?)```/g), ([, code]) => code)
const rowsBelow = (heading: string) => {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  return Array.from(section.split('\n## ')[0]?.matchAll(/^\| (`.*?) \|/gm) ?? [], ([, cell = '']) => cell)
}

test('the page shows the examples as they are run, each one; the README one of them', () => {
  const examples = readdirSync(new URL('./examples', import.meta.url)).filter((file) => file !== 'examples.test.ts')
  expect(new Set(blocksOf(page))).toEqual(new Set(examples.map((file) => read(`./examples/${file}`))))
  expect(blocksOf(read('../README.md'))).toEqual([read('./examples/service.ts')])
})

test('the page has every option', () => {
  const options = {
    issuer: true,
    audience: true,
    jwksUrl: true,
    leewaySeconds: true,
    keepSeconds: true,
    cooldownSeconds: true,
    timeoutSeconds: true,
    onFetchError: true,
    fetch: true,
    now: true,
  } satisfies Record<keyof VerifierOptions, true>
  const named = rowsBelow('Options').flatMap((cell) => cell.split(', '))
  expect(named).toEqual(Object.keys(options).map((name) => `\`${name}\``))
})

test('the page has every code and every reason', () => {
  for (const name of [...Object.keys(TOKEN_ERRORS), ...Object.keys(REASONS)]) expect(page).toContain(`\`${name}\``)
})
