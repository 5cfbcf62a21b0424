import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createProgram } from './program.ts'
import { cliReference } from './reference.ts'
import { flat, treeOf } from './tree.ts'

const commands = flat(treeOf(createProgram())).filter(({ commands: below }) => below.length === 0)

test('docs/cli.md is what the definitions of the commands say', () => {
  expect(readFileSync(new URL('../../../../docs/cli.md', import.meta.url), 'utf8')).toBe(cliReference())
})

test.each(commands.map((node) => [node.path.join(' '), node] as const))(
  '%s has a summary, examples that call it, and a meaning for all that it takes',
  (line, node) => {
    expect(node.summary).not.toBe('')
    expect(node.examples.length).toBeGreaterThan(0)
    for (const example of node.examples) expect(example).toContain(line)
    for (const { description } of [...node.arguments, ...node.options]) expect(description).not.toBe('')
  },
)

test('every command but the server itself and the completion has --json', () => {
  const without = commands.filter(({ options }) => !options.some(({ long }) => long === '--json'))
  expect(without.map(({ path }) => path.join(' '))).toEqual(['latchkey serve', 'latchkey completion'])
})

test('no command takes a password or a token as an argument', () => {
  for (const { options, arguments: operands } of commands) {
    const taken = [
      ...operands.map(({ term }) => term),
      ...options.flatMap(({ value, flags }) => (value ? [flags] : [])),
    ]
    for (const each of taken) expect(each).not.toMatch(/password|token|secret/i)
  }
})
