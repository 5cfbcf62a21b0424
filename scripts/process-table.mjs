import { readFileSync } from 'node:fs'

/**
 * Whether Ctrl-C goes to this process: the terminal then sends it to everything that this process has started as well,
 * and to pass it on would make two of one.
 */
export function inForeground() {
  const fields = stat('self')
  return fields ? fields[GROUP] === fields[FOREGROUND_GROUP] : process.stdin.isTTY
}

/**
 * @param {number} pid
 * @returns {string | undefined} nothing where the system does not tell
 */
export function parentOf(pid) {
  return stat(pid)?.[PARENT]
}

/** Places in /proc/<pid>/stat after the program's name (man 5 proc). */
const PARENT = 1
const GROUP = 2
const FOREGROUND_GROUP = 5

/** @param {number | 'self'} pid */
function stat(pid) {
  try {
    // The name stands in brackets and may itself hold spaces and brackets.
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return undefined
  }
}
