import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepRootSecret } from './root-secret.ts'

const freshFolder = () => mkdtemp(join(tmpdir(), 'latchkey-secret-'))

test('makes a secret once, for its owner alone', async () => {
  const folder = join(await freshFolder(), 'deeper')
  const secret = await keepRootSecret(folder)
  expect(secret).toMatch(/^[\w-]{48}$/)
  expect(await keepRootSecret(folder)).toBe(secret)
  expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600)
})

test('all that start at once get the same secret, and leave nothing else behind', async () => {
  const folder = await freshFolder()
  const secrets = await Promise.all(Array.from({ length: 32 }, () => keepRootSecret(folder)))
  expect(new Set(secrets).size).toBe(1)
  expect(await readdir(folder)).toEqual(['secret'])
})

test('refuses a file that holds no secret: a new one would lock everybody out', async () => {
  const folder = await freshFolder()
  await writeFile(join(folder, 'secret'), 'short')
  await expect(keepRootSecret(folder)).rejects.toThrow('does not hold a root secret')
})

test('says what to do where nothing can be written', async () => {
  const file = join(await freshFolder(), 'file')
  await writeFile(file, '')
  await expect(keepRootSecret(file)).rejects.toThrow(/cannot be kept in .*secret \(ENOTDIR\).*LATCHKEY_DATA_DIR/)
})
