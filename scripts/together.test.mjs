import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from './workspace.mjs'

/** Says what it hears, and ends a moment later. */
const LISTENER = `
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {
    console.log(signal)
    setTimeout(() => process.exit(0), 100)
  })
  setInterval(() => {}, 1000)
  console.log('listening')
`

/**
 * Runs programs together, in a process that can be sent signals.
 *
 * @param {string[]} sources
 */
function stand(sources) {
  const { npm_lifecycle_event, ...env } = process.env
  const script = `import { runTogether } from ${JSON.stringify(pathToFileURL(join(ROOT, 'scripts', 'together.mjs')).href)}
    const together = runTogether()
    for (const source of ${JSON.stringify(sources)}) together.run(process.execPath, ['-e', source], process.env)
    process.exitCode = await together.ended`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
}

test.for(/** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM']))('passes %s on to each, once', async (signal) => {
  const child = stand([LISTENER, LISTENER])
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
    if (!child.killed && output.split('listening').length === 3) child.kill(signal)
  })
  const [code] = await once(child, 'close')
  const lines = output.trim().split('\n').toSorted()
  expect({ code, lines }).toEqual({ code: 0, lines: ['listening', 'listening', signal, signal].toSorted() })
})

test('when one ends, the other is ended, and the code is that of the first', async () => {
  const child = stand([LISTENER, `setTimeout(() => process.exit(3), 300)`])
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  expect({ code, ended: output.includes('SIGTERM') }).toEqual({ code: 3, ended: true })
})
