import { delimiter, dirname, join } from 'node:path'
import { findNode } from './node.mjs'
import { ROOT } from './workspace.mjs'

/**
 * The environment for a server: the user's own, but the Node and the programs of this project come first in PATH.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function serverEnvironment() {
  return withPath([dirname(findNode()), join(ROOT, 'node_modules', '.bin')])
}

/**
 * The same for a tool. Installing, building and testing are the same whatever NODE_ENV the server is to have; with
 * `production` what they need would be left out.
 *
 * @param {string[]} [folders] more folders that come first in PATH
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(folders = []) {
  return asTool(withPath([...folders, dirname(findNode()), join(ROOT, 'node_modules', '.bin')]))
}

/**
 * The same for what runs before there is a Node of our own.
 *
 * @param {string[]} [folders]
 * @returns {NodeJS.ProcessEnv}
 */
export function installEnvironment(folders = []) {
  return asTool(withPath(folders))
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function asTool(env) {
  const { NODE_ENV, npm_config_omit, npm_config_production, ...rest } = env
  return { ...rest, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' }
}

/**
 * @param {string[]} folders
 * @returns {NodeJS.ProcessEnv}
 */
function withPath(folders) {
  const env = { ...process.env }
  // Windows spells it Path, and of two spellings one would win by chance.
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  env[key] = [...folders, env[key]].filter(Boolean).join(delimiter)
  return env
}
