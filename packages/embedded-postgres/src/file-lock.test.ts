import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { lock, tryLock } from './file-lock.ts'
import { expect, test } from './testing/test.ts'

test('is shared by many, or one has it alone', ({ folder }) => {
  const path = join(folder, 'lock')
  const shared = [tryLock(path, 'shared'), tryLock(path, 'shared')]
  expect(tryLock(path, 'exclusive')).toBeUndefined()
  shared[0]!.release()
  expect(tryLock(path, 'exclusive')).toBeUndefined()
  shared[1]!.release()
  const alone = tryLock(path, 'exclusive')
  expect(tryLock(path, 'shared')).toBeUndefined()
  alone!.release()
  expect(tryLock(path, 'shared')).toBeDefined()
})

test('is free as soon as its process is killed', async ({ folder }) => {
  const path = join(folder, 'lock')
  const script = `import { tryLock } from ${JSON.stringify(new URL('file-lock.ts', import.meta.url).href)}
    globalThis.held = tryLock(process.argv[1], 'exclusive'); console.log('held'); setTimeout(() => undefined, 30_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect(tryLock(path, 'exclusive')).toBeUndefined()
  let waited = 0
  const waiting = lock(path, 'exclusive', () => waited++)
  child.kill('SIGKILL')
  ;(await waiting).release()
  expect(waited).toBe(1)
})
