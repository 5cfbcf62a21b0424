import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Consumer } from './consumer.ts'

/** What an app's own bundler would make of an import, without what others made. */
export interface Bundle {
  /** Bytes of the minified code, compressed. */
  readonly gzipped: number
  /** The files that are in it, below `node_modules`. */
  readonly inputs: readonly string[]
}

/** Bundles a line of an app for browsers: ours is in it, dependencies stay imports. */
export async function bundle({ folder }: Consumer, line: string): Promise<Bundle> {
  const modules = join(folder, 'node_modules')
  const { outputFiles, metafile } = await build({
    stdin: { contents: line, resolveDir: folder },
    absWorkingDir: folder,
    external: ['@trpc/*', '@tanstack/*', 'react', 'react/*', 'jose'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
  })
  const [code] = outputFiles
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs))
  return {
    gzipped: gzipSync(code?.contents ?? '').length,
    inputs: inputs.filter((input) => input !== '<stdin>').map((input) => relative(modules, join(folder, input))),
  }
}
