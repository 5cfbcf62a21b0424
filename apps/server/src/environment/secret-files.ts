import { readFileSync } from 'node:fs'

/** The variables as given, with the content of the files that `…_FILE` name in place of those names. */
export interface WithFiles {
  values: Record<string, string>
  faults: string[]
}

/** The variable that names the file a secret lies in, as orchestrators mount them. */
export const fileOf = (name: string): string => `${name}_FILE`

/** Reads the secrets that lie in files. The line end that editors leave there is no part of a secret. */
export function readSecretFiles(given: Record<string, string>, secrets: readonly string[]): WithFiles {
  const values = { ...given }
  const faults: string[] = []
  for (const name of secrets) {
    const path = given[fileOf(name)]
    if (path === undefined) continue
    if (given[name] !== undefined) faults.push(`${name} and ${fileOf(name)} are both set. Allowed: one of them.`)
    const content = read(path)
    if (typeof content !== 'string')
      faults.push(`${fileOf(name)} names ${path}, which cannot be read (${content.code}).`)
    else if (content === '') faults.push(`${fileOf(name)} names ${path}, which is empty.`)
    else values[name] = content
  }
  return { values, faults }
}

function read(path: string): string | { code: string } {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    return { code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' }
  }
}
