import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Makes the built declarations stand by themselves. The type of the client is the type of the server's router; whoever
 * installs the client has neither the server's packages nor their database library. So the router's declaration, which
 * names the inputs and outputs of all procedures in full, comes along as `api.d.ts`, without what only the server needs.
 */

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))

const api = createRequire(import.meta.url).resolve('@latchkey/api')
const core = createRequire(api).resolve('@latchkey/core')

const router = declarationsOf(api, 'router')
const errorData = take(declarationsOf(api, 'failure'), /\/\*\*[^/]*\*\/\nexport interface ErrorData \{[^]*?\n\}\n/)
const errors = declarationsOf(core, 'errors')
const codes = take(errors, /export declare const ERRORS: \{[^]*?\n\};/).matchAll(/^ {4}readonly (\w+): \{/gm)

/** Context and meta are the server's business. */
const OPAQUE = /import\("\.\/(?:trpc\.ts"\)\.ApiContext|operation\.ts"\)\.OperationMeta)/g

const ERROR_SHAPE = /\{\s*message: string;\s*code: ([-\d| ]+);\s*data: import\("\.\/failure\.ts"\)\.ErrorData;\s*\}/g

const appRouter = take(router, /export declare const appRouter: ([^]*?);\n\/\*\* The type of the API/)
const text = `// Written by the build, from the declarations of the server.

/** Why the server refuses a call, in a stable form. */
export type ErrorCode = ${Array.from(codes, ([, code]) => `'${code}'`).join(' | ')};
${take(errors, /\/\*\*[^/]*\*\/\nexport interface FieldError \{[^]*?\n\}\n/)}
${take(errors, /\/\*\*[^/]*\*\/\nexport interface RevisionConflict \{[^]*?\n\}\n/)}
${errorData}
interface ErrorShape {
    message: string;
    code: ${take(router, ERROR_SHAPE)};
    data: ErrorData;
}
/** Every procedure of the server. */
export type AppRouter = ${appRouter.replaceAll(OPAQUE, 'object').replaceAll(ERROR_SHAPE, 'ErrorShape')};
`

refuse(text, /import\("(?!@trpc\/server")[^"]*"\)\.?\w*/, 'api.d.ts')
writeFileSync(join(DIST, 'api.d.ts'), text)

for (const name of globSync('**/*.d.ts', { cwd: DIST })) {
  const path = join(DIST, name)
  const declarations = readFileSync(path, 'utf8')
  // The compiler leaves the names of sources, which are not packed.
  const published = declarations.replaceAll(/(['"])(\.{1,2}\/[^'"]*)\.tsx?\1/g, '$1$2.js$1')
  const alone = name === 'router.d.ts' ? published.replace("'@latchkey/api'", "'./api.js'") : published
  refuse(alone, /(?:from|import\() ?['"]@latchkey\/[^'"]*/, name)
  if (alone !== declarations) writeFileSync(path, alone)
}

function declarationsOf(main: string, name: string): string {
  return readFileSync(join(dirname(main), `${name}.d.ts`), 'utf8')
}

/** The part of a text that a pattern finds, or its first group. */
function take(from: string, pattern: RegExp): string {
  const found = new RegExp(pattern.source).exec(from)
  if (found === null) throw new Error(`the declarations are no longer written as ${pattern} expects`)
  return found[1] ?? found[0]
}

/** What must not be published. */
function refuse(declarations: string, pattern: RegExp, name: string): void {
  const [found] = pattern.exec(declarations) ?? []
  if (found !== undefined) throw new Error(`${name} would be published with ${found}, which nobody has installed`)
}
