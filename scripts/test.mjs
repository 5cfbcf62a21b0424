import { vitest } from './vitest.mjs'

/**
 * Every test but those that start the whole server from a clone.
 *
 * @param {string[]} args for vitest: `npm test -- packages/core`
 */
export function test(args) {
  return vitest(['run', ...args])
}
