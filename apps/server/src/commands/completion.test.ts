import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { completionScript } from './completion.ts'
import { createProgram } from './program.ts'

const script = (shell: 'bash' | 'zsh' | 'fish') => completionScript(createProgram(), shell)

/** What bash offers where the cursor stands: behind the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const ask = `${await script('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_latchkey 2>/dev/null
printf '%s\\n' "\${COMPREPLY[@]}"`
  return spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)
}

describe('bash offers', () => {
  test.each([
    [['latchkey', 'conf'], ['config']],
    [['latchkey', 'config', 'ro'], ['rollback']],
    [['latchkey', 'config', 'get', 'ACCESS'], ['ACCESS_TOKEN_LIFETIME']],
    [['latchkey', 'config', 'set', '--reason', 'list', 'REFRESH_G'], ['REFRESH_GRACE=']],
    [['latchkey', 'config', 'set', '--rea'], ['--reason']],
    [
      ['latchkey', 'user', 'list', '--role', ''],
      ['user', 'admin'],
    ],
    [['latchkey', 'audit', 'tail', '--name', 'session.r'], ['session.replayed']],
    [['latchkey', 'config', 'set', 'REFRESH_GRACE', '=', ''], []],
    [
      ['latchkey', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('after %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected)
  })
})

test.each(['zsh', 'fish'] as const)('%s knows every command and every setting, and takes the script', async (shell) => {
  const text = await script(shell)
  for (const known of ['rollback', 'sign-out', 'ACCESS_TOKEN_LIFETIME', 'session.replayed', 'password-stdin']) {
    expect(text).toContain(known)
  }
  const { error, status, stderr } = spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' })
  // Where that shell is not installed, nobody can say.
  expect(error === undefined ? [status, stderr] : [0, '']).toEqual([0, ''])
})
