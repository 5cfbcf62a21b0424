import { readFileSync } from 'node:fs'

interface Manifest {
  version: string
}

/** The version of this server, from its package.json. */
export function readVersion(): string {
  const manifest: Manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return manifest.version
}
