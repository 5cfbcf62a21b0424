import { vitest } from './vitest.mjs'

/**
 * The tests that need a really started server, or a fresh clone.
 *
 * @param {string[]} args for vitest
 */
export function e2e(args) {
  return vitest(['run', '--root', 'e2e', ...args])
}
