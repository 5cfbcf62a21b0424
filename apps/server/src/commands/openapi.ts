import type { Command } from 'commander'
import { command } from './define.ts'
import { printJson } from './output.ts'

/** `latchkey openapi`. */
export function registerOpenapi(program: Command): void {
  command(program, 'openapi', {
    summary: 'print the OpenAPI document of the REST API',
    details: 'It is JSON in any case, and what a server of this version has at /openapi.json. Needs no database.',
    examples: ['latchkey openapi > openapi.json', 'latchkey openapi | jq ".paths | keys"'],
  }).action(async () => {
    const { openApiDocument } = await import('@latchkey/api/openapi')
    printJson(openApiDocument())
  })
}
