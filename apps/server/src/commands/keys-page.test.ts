import { readFileSync } from 'node:fs'
import { expect, test } from '../testing/command.ts'

/** Every command that docs/keys.md shows, in order: a line of its shell blocks, without the comment. */
const COMMANDS = [
  ...readFileSync(new URL('../../../../docs/keys.md', import.meta.url), 'utf8').matchAll(/^npx latchkey (.*)$/gm),
].map(([, line = '']) => line.replace(/ +#.*$/, ''))

/** The words of a line, as a shell would part them. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')

test('every command of the page does what it says', { timeout: 60_000 }, async ({ latchkey, openServer }) => {
  await openServer()
  expect(COMMANDS.length).toBeGreaterThan(3)
  for (const line of COMMANDS) {
    const { items } = (await latchkey(['keys', 'list', '--json'])).json() as { items: { id: string; phase: string }[] }
    const active = items.find(({ phase }) => phase === 'active')?.id ?? ''
    const { code, err } = await latchkey(wordsOf(line.replace('<ID>', active)))
    expect(code, `${line}\n${err}`).toBe(0)
  }
  const events = (await latchkey(['audit', 'tail', '--json'])).out
  for (const name of ['signing_key.rotated', 'signing_key.compromised', 'settings.changed']) {
    expect(events).toContain(`"${name}"`)
  }
})
