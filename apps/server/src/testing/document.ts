import { openApiDocument } from '@latchkey/api/openapi'
import { type ValidateFunction, Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Answer } from './served.ts'

const document = openApiDocument()
const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
ajv.addSchema({ $id: 'document', components: document.components })

/** One answer that the document says an operation gives. */
export interface DocumentedAnswer {
  /** As the document names the operation. */
  operationId: string
  method: string
  path: string
  status: number
  /** The code of a problem; else `success`, or `page` for a browser. */
  kind: string
}

/** Every answer in the document. */
export function documentedAnswers(): DocumentedAnswer[] {
  return operations().flatMap(({ operationId, method, path, responses }) =>
    Object.entries(responses).flatMap(([status, { content }]) =>
      kindsOf(content).map((kind) => ({ operationId, method, path, status: Number(status), kind })),
    ),
  )
}

/**
 * Holds an answer against the document: its status, type, headers and body.
 *
 * @throws Error when it is not documented like that; not for operations that the document does not have
 */
export function expectDocumented(method: string, url: string, { status, headers, text }: Answer): void {
  const path = `${url.replace(/\?.*$/, '').replace(/\/$/, '')}/`
  const operation = operationsAt(path).find((each) => each.method === method)
  if (operation === undefined) return
  const response = operation.responses[status]
  const type = headers['content-type'] ?? ''
  const media = response?.content[type.replace(/;.*$/, '')]
  if (response === undefined || media === undefined) {
    throw new Error(`${method} ${path} gave ${status} ${type}, which is not documented: ${text}`)
  }
  for (const name of Object.keys(response.headers)) {
    if (headers[name.toLowerCase()] === undefined && !isOptional(name, status)) {
      throw new Error(`${method} ${path} gave ${status} without ${name}, which is documented`)
    }
  }
  if (type.startsWith('text/html')) return
  const validate = validatorOf(media.schema)
  if (!validate(JSON.parse(text))) {
    throw new Error(
      `${method} ${path} gave ${status} with an undocumented body ${text}: ${ajv.errorsText(validate.errors)}`,
    )
  }
}

/** What the document says of a path; one that it names itself is not also one with a parameter. */
function operationsAt(path: string): DocumentedOperation[] {
  const all = operations()
  const exact = all.filter((each) => each.path === path)
  return exact.length > 0 ? exact : all.filter((each) => patternOf(each.path).test(path))
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
}

/** A 401 may be about what was in the body. */
function isOptional(name: string, status: number): boolean {
  return name === 'WWW-Authenticate' && status === 401
}

interface DocumentedOperation {
  operationId: string
  method: string
  path: string
  responses: Record<string, DocumentedResponse>
}

interface DocumentedResponse {
  headers: object
  content: Record<string, { schema: object }>
}

function operations(): DocumentedOperation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { operationId: string; responses: DocumentedOperation['responses'] }>).map(
      ([method, { operationId, responses }]) => ({ operationId, method: method.toUpperCase(), path, responses }),
    ),
  )
}

function kindsOf(content: DocumentedResponse['content']): string[] {
  return Object.entries(content).flatMap(([type, { schema }]) => {
    if (type === 'application/json') return ['success']
    if (type === 'text/html') return ['page']
    return (schema as { properties: { code: { enum: string[] } } }).properties.code.enum
  })
}

const validators = new Map<object, ValidateFunction>()

function validatorOf(schema: object): ValidateFunction {
  const known = validators.get(schema)
  if (known) return known
  // Its references mean the document.
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object
  const validate = ajv.compile(absolute)
  validators.set(schema, validate)
  return validate
}
