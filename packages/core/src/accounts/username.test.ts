import { expect, test } from 'vitest'
import { checkUsername } from './username.ts'

test('a username has up to 150 characters of any script, whole ones', () => {
  for (const name of ['', 'John Smith', '🔑'.repeat(150)]) expect(() => checkUsername(name)).not.toThrow()
  for (const name of ['x'.repeat(151), 'a\0b', '\ud83d']) {
    expect(() => checkUsername(name)).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  }
})
