import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { sizeThreadPool } from './thread-pool.ts'

test('there is a thread for each core and some more, unless an operator has said otherwise', () => {
  const environment: NodeJS.ProcessEnv = {}
  sizeThreadPool(environment)
  expect(environment).toEqual({ UV_THREADPOOL_SIZE: String(availableParallelism() + 4) })
  const given = { UV_THREADPOOL_SIZE: '2' }
  sizeThreadPool(given)
  expect(given.UV_THREADPOOL_SIZE).toBe('2')
})

test('what is set at the start of a process is what its pool has', { skip: process.platform !== 'linux' }, async () => {
  const script = (size: string) => `
    import { readdirSync } from 'node:fs'
    import { randomBytes } from 'node:crypto'
    import { sizeThreadPool } from ${JSON.stringify(new URL('thread-pool.ts', import.meta.url).href)}
    process.env.UV_THREADPOOL_SIZE = '${size}'
    sizeThreadPool(process.env)
    randomBytes(8, () => console.log(readdirSync('/proc/self/task').length))`
  const threads = async (size: string) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script(size)])
    return Number(stdout)
  }
  expect((await threads('24')) - (await threads('4'))).toBe(20)
})
