import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Plant, PLANTS } from './plants.ts'

const CHECKOUT = new URL('../..', import.meta.url).pathname
const MAIN = new URL('../main.ts', import.meta.url).pathname
/** What a server needs of a checkout to run. */
const COPIED = ['apps/server', 'packages/api', 'packages/core', 'packages/embedded-postgres']

/**
 * Plants one fault after the other in a copy of the built server, and looks whether torture notices.
 *
 * @param only those whose description holds this; all without it
 * @returns the exit code
 */
export async function tryPlants(
  { only = '', seed }: { only: string | undefined; seed: number },
  print: (line: string) => void,
): Promise<number> {
  let missed = 0
  print(`Seed ${seed}`)
  for (const [number, plant] of PLANTS.entries()) {
    if (!plant.breaks.includes(only)) continue
    const caughtBy = await tortured(plant, seed)
    if (caughtBy === undefined) missed++
    print(`${String(number + 1).padStart(2)}  ${(caughtBy ?? 'NOT CAUGHT').padEnd(27)}  ${plant.breaks}`)
  }
  print(missed === 0 ? 'All were caught.' : `${missed} were not caught.`)
  return missed === 0 ? 0 : 1
}

/** @returns the promise that was seen to be broken */
async function tortured(plant: Plant, seed: number): Promise<string | undefined> {
  const copy = await mkdtemp(join(tmpdir(), 'latchkey-planted-'))
  try {
    for (const folder of COPIED) {
      const withoutSources = (path: string) => !path.includes('/src/')
      await cp(join(CHECKOUT, folder), join(copy, folder), {
        recursive: true,
        verbatimSymlinks: true,
        filter: withoutSources,
      })
    }
    await symlink(join(CHECKOUT, 'node_modules'), join(copy, 'node_modules'))
    await plantIn(copy, plant)
    const faults = plant.faults?.join(',') ?? 'none'
    const output = await outputOf(['--build', copy, '--seed', String(seed), '--kills', '9', '--faults', faults])
    return /Broken: ([\w-]+)/.exec(output)?.[1] ?? /(does not become ready)/.exec(output)?.[1]
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function plantIn(copy: string, { file, from, to }: Plant): Promise<void> {
  const path = join(copy, file)
  const text = await readFile(path, 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold exactly once: ${from}`)
  await writeFile(
    path,
    text.replace(from, () => to),
  )
}

function outputOf(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (part: Buffer) => (output += part.toString()))
    child.stderr.on('data', (part: Buffer) => (output += part.toString()))
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
}
