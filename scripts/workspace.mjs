import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the clone, wherever the command was typed. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** What these scripts remember lies inside node_modules: whoever removes that starts anew. */
export const MEMORY = join(ROOT, 'node_modules', '.latchkey')

/** Results of the last run of tests and checks, as JSON. */
export const REPORTS = join(ROOT, 'reports')

/**
 * @typedef {object} Package
 * @property {string} path its folder, from the root
 * @property {{ name: string, scripts?: Record<string, string> }} manifest
 */

/**
 * Every package of the workspace, as pnpm-workspace.yaml names their folders.
 *
 * @returns {Package[]}
 */
export function packages() {
  return [...below('packages'), ...below('apps'), 'e2e', ...below('e2e')]
    .filter((path) => existsSync(join(ROOT, path, 'package.json')))
    .map((path) => ({ path, manifest: JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')) }))
}

/** @param {string} folder */
function below(folder) {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`)
    .sort()
}
