import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { REPOSITORY } from '../machine.ts'
import { pack, type Packed } from './packed.ts'

/** Whose `node_modules` have what an app installs besides. */
const OTHERS = {
  client: [
    '@trpc/client',
    '@trpc/server',
    '@tanstack/react-query',
    '@trpc/tanstack-react-query',
    'react',
    '@types/react',
  ],
  verify: ['jose', 'hono', 'express', '@types/express', 'fastify'],
}

/** An app outside the repository, which has the packed packages and nothing else of us. */
export interface Consumer {
  readonly folder: string
  readonly client: Packed
  readonly verify: Packed
  remove(): Promise<void>
}

/** Lays it out. Nothing is downloaded: what others made is there already, and is linked. */
export async function makeConsumer(): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-app-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    return { folder, ...(await fill(folder)), remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function fill(folder: string): Promise<Pick<Consumer, 'client' | 'verify'>> {
  await cp(join(REPOSITORY, 'e2e', 'packages', 'app'), folder, { recursive: true })
  const [client, verify] = await Promise.all([pack('client', folder), pack('verify', folder)])
  for (const [name, others] of Object.entries(OTHERS)) {
    for (const other of others) await link(join(REPOSITORY, 'packages', name, 'node_modules', other), folder, other)
  }
  await link(join(REPOSITORY, 'node_modules', '@types', 'node'), folder, '@types/node')
  for (const { folder: from, manifest } of [client, verify]) {
    await writeFile(join(folder, `readme-of-${manifest.name.split('/')[1]}.ts`), await exampleOf(from))
  }
  return { client, verify }
}

/** Puts a package into the `node_modules` of an app. */
export async function link(from: string, folder: string, name: string): Promise<void> {
  const to = join(folder, 'node_modules', name)
  await mkdir(dirname(to), { recursive: true })
  await symlink(from, to)
}

/** The code that README.md has to copy. */
async function exampleOf(folder: string): Promise<string> {
  const readme = await readFile(join(folder, 'README.md'), 'utf8')
  const [, code] = /^```ts\n([^]*?)^```$/m.exec(readme) ?? []
  if (code === undefined) throw new Error(`there is no example in the README.md of ${folder}`)
  return code
}
