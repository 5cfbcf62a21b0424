import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { capture, insist } from './command.mjs'
import { installEnvironment } from './environment.mjs'
import { buildFingerprint, installFingerprint, remembered, remembering } from './fingerprint.mjs'
import { alone } from './lock.mjs'
import { fetchPnpm, PNPM_INSTALL } from './pnpm.mjs'
import { progress } from './progress.mjs'
import { turbo } from './turbo.mjs'
import { ROOT, packages } from './workspace.mjs'

/**
 * Sees to it that the packages are installed. Costs some 5 ms when they are: nothing is started to find out.
 */
export async function install() {
  if (!isInstalled()) await exclusively(installNow)
}

/** Sees to it that the packages are installed and everything is built. */
export async function build() {
  if (isInstalled() && isBuilt()) return
  await exclusively(async () => {
    const pnpm = await installNow()
    if (!isBuilt()) await buildNow(pnpm)
  })
}

function isInstalled() {
  return remembered('install') === installFingerprint()
}

function isBuilt() {
  return buildFolders().every((folder) => existsSync(folder)) && remembered('build') === buildFingerprint()
}

function buildFolders() {
  const built = packages().filter(({ manifest }) => manifest.scripts?.['build'])
  return built.map(({ path }) => join(ROOT, path, 'dist'))
}

/** @param {() => Promise<unknown>} work */
async function exclusively(work) {
  await alone(work, () => console.log('Another command is installing or building here: waiting for it.'))
}

/** @returns {Promise<string | undefined>} the folder of pnpm, if it was needed */
async function installNow() {
  // Asked again, because another run may have done it while this one waited.
  if (isInstalled()) return undefined
  const step = 'Installing packages'
  return progress(step, () =>
    remembering('install', installFingerprint(), async () => {
      const pnpm = await fetchPnpm(step)
      const env = installEnvironment([pnpm])
      insist(step, await capture('pnpm', PNPM_INSTALL, { env, shell: process.platform === 'win32' }))
      return pnpm
    }),
  )
}

/** @param {string | undefined} pnpm its folder, if it is known already */
async function buildNow(pnpm) {
  const step = 'Building'
  await progress(step, () =>
    remembering('build', buildFingerprint(), async () => {
      // What was built from a source that is gone must not stay: a migration would be run.
      for (const folder of buildFolders()) rmSync(folder, { recursive: true, force: true })
      insist(step, await turbo(['run', 'build'], pnpm ?? (await fetchPnpm(step))))
    }),
  )
}
