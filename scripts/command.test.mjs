import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { capture, insist } from './command.mjs'
import { Failure } from './failure.mjs'
import { ROOT } from './workspace.mjs'

const env = process.env

/** Says what it hears and ends, with a code of its own, at the first word. */
const LISTENER = `
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {
    console.log(signal)
    setTimeout(() => process.exit(7), 100)
  })
  setInterval(() => {}, 1000)
  console.log('listening')
`

test('shows the end of what a failed step printed, and its exit code', async () => {
  const failing = await capture(process.execPath, ['-e', 'console.error("no such thing"); process.exit(3)'], { env })
  expect(() => insist('Building', failing)).toThrow(Failure)
  expect(() => insist('Building', failing)).toThrow(/^Building failed \(exit code 3\)\.\n\nno such thing$/)
})

test('says what to do where the cause can be told', async () => {
  const offline = { code: 1, output: 'npm error code EAI_AGAIN' }
  expect(() => insist('Installing packages', offline)).toThrow(/registry cannot be reached/)
})

test.for(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  'passes %s on, once, and ends with the exit code of its program',
  async (signal) => {
    const stand = `import { become } from ${JSON.stringify(pathToFileURL(join(ROOT, 'scripts', 'command.mjs')).href)}
    process.exitCode = await become(process.execPath, ['-e', ${JSON.stringify(LISTENER)}], { env: process.env })`
    const { npm_lifecycle_event, ...shell } = env
    const child = spawn(process.execPath, ['--input-type=module', '-e', stand], {
      env: shell,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      if (`${chunk}`.includes('listening')) child.kill(/** @type {NodeJS.Signals} */ (signal))
    })
    const [code] = await once(child, 'close')
    expect({ code, output }).toEqual({ code: 7, output: `listening\n${signal}\n` })
  },
)
