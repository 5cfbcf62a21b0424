import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from './failure.mjs'
import { ROOT } from './workspace.mjs'

/** What the libraries need. */
const OLDEST = { major: 22, minor: 17 }

/**
 * The Node to run everything with: the one that came with the packages, else this one if it is new enough.
 *
 * @returns {string} its path
 */
export function findNode() {
  const windows = process.platform === 'win32'
  const platform = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const own = join(ROOT, 'node_modules', platform, 'bin', windows ? 'node.exe' : 'node')
  if (existsSync(own)) return own
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return process.execPath
  throw new Failure(
    `Latchkey needs Node ${OLDEST.major}.${OLDEST.minor} or later. This is Node ${process.versions.node}, and no package brings a newer ` +
      `one for ${process.platform} ${process.arch}.\nInstall Node 24 and run the command again.`,
  )
}
