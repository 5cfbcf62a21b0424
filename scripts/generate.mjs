import { join } from 'node:path'
import { capture, insist } from './command.mjs'
import { toolEnvironment } from './environment.mjs'
import { install } from './prepare.mjs'
import { ROOT, packages } from './workspace.mjs'

/** Writes anew what is made from code: runs the script `generate` of each package that has one. */
export async function generate() {
  await install()
  for (const { name, line, options } of generators()) {
    insist(`Generating of ${name}`, await capture(line, [], options))
    console.log(`${name}: generated`)
  }
}

/**
 * Whether what is made from code is as the code would make it now. A `generate` script that is given `--check` writes
 * nothing and fails if it would change something.
 *
 * @returns {Promise<import('./command.mjs').Result>}
 */
export async function checkGenerated() {
  const results = []
  for (const { line, options } of generators()) results.push(await capture(`${line} --check`, [], options))
  return {
    code: Math.max(0, ...results.map((result) => result.code)),
    output: results.map((result) => result.output).join('\n'),
  }
}

function generators() {
  return packages().flatMap(({ path, manifest }) => {
    const line = manifest.scripts?.['generate']
    if (!line) return []
    const cwd = join(ROOT, path)
    const env = toolEnvironment([join(cwd, 'node_modules', '.bin')])
    return [{ name: manifest.name, line, options: { env, cwd, shell: true } }]
  })
}
