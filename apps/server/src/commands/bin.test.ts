import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, expect } from 'vitest'

/** A checkout that holds nothing but the command. */
const test = base.extend('checkout', ({}, { onCleanup }) => {
  const checkout = mkdtempSync(join(tmpdir(), 'latchkey-'))
  onCleanup(() => rmSync(checkout, { recursive: true }))
  cpSync(fileURLToPath(new URL('../../bin', import.meta.url)), join(checkout, 'apps/server/bin'), { recursive: true })
  return checkout
})

const MAIN = `process.on('SIGTERM', () => process.exit(7))
process.stdout.write(JSON.stringify({ args: process.argv.slice(2), pid: process.pid }))
setTimeout(() => process.exit(3), process.argv[2] === 'wait' ? 10_000 : 0)`

function build(checkout: string): void {
  mkdirSync(join(checkout, 'apps/server/dist'))
  writeFileSync(join(checkout, 'apps/server/dist/main.js'), MAIN)
}

/** What makes this Node an old one, as far as the command can see. */
const OLD =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.11.0"}})'
const commandOf = (checkout: string) => join(checkout, 'apps/server/bin/latchkey.mjs')

test('without a build it says what to do', ({ checkout }) => {
  const { status, stderr } = spawnSync(process.execPath, [commandOf(checkout)], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, expect.stringContaining('npm run build')])
})

test('under a new enough Node it is the same process', ({ checkout }) => {
  build(checkout)
  const { status, stdout, pid } = spawnSync(process.execPath, [commandOf(checkout), 'a', 'b c'], { encoding: 'utf8' })
  expect([status, JSON.parse(stdout)]).toEqual([3, { args: ['a', 'b c'], pid }])
})

test('under an old one it runs under that of the checkout, and signals and exit codes pass', async ({ checkout }) => {
  build(checkout)
  const args = ['--import', OLD, commandOf(checkout), 'wait']
  const alone = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect([alone.status, alone.stderr]).toEqual([1, expect.stringContaining('This is Node 20.11.0')])

  const windows = process.platform === 'win32'
  const folder = join(checkout, `node_modules/node-${windows ? 'win' : process.platform}-${process.arch}/bin`)
  mkdirSync(folder, { recursive: true })
  symlinkSync(process.execPath, join(folder, windows ? 'node.exe' : 'node'))
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(JSON.parse(said.toString())).toMatchObject({ args: ['wait'] })
  child.kill('SIGTERM')
  expect((await once(child, 'close'))[0]).toBe(7)
})
