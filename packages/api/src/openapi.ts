import { createRequire } from 'node:module'
import { ERRORS, type ErrorCode, LatchkeyError, type RevisionConflict } from '@latchkey/core'
import { generateOpenApiDocument } from 'trpc-to-openapi'
import type { oas31 } from 'zod-openapi'
import { errorHeaders } from './failure.ts'
import { type Operation, operationsOf } from './operation.ts'
import { problem, problemSchema } from './problem.ts'
import { appRouter } from './router.ts'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

const INTRODUCTION = `
Accounts, logins, short-lived access tokens and refresh tokens that rotate.

1. \`POST /api/register/\`, then \`POST /api/login/\`: you get an access token and a refresh token.
2. Send the access token with each call: \`Authorization: Bearer …\`. Other services check it with the keys at
   \`/.well-known/jwks.json\`.
3. Before it runs out, \`POST /api/refresh/\`: you get a new pair. Keep the new refresh token in place of the old one.
4. \`POST /api/logout/\` ends the session.

Every path is served with and without the slash at the end. Fields and parameters that are not known are ignored, and
so are parameters that are empty. Times are ISO 8601. Lists come in pages: send the \`next\` of one as the \`cursor\` of
the next. The same procedures are at \`/trpc\` for typed clients.

What is below \`/api/admin/\` is for accounts with the role \`admin\`. An id that cannot be one (\`/api/admin/users/x/\`) is
a bad request; one that nothing has is not found.

# Errors

Every refusal and failure is \`application/problem+json\` (RFC 9457). Decide by its \`code\`.
`

/** A tag is the name of a procedure without its last part. */
const TAGS: oas31.TagObject[] = [
  { name: 'auth', description: 'Accounts come; sessions begin, go on and end.' },
  { name: 'me', description: 'The account that an access token speaks for.' },
  { name: 'me.sessions', description: 'Where this account is logged in.' },
  { name: 'setup', description: 'What happens once, before there is an admin.' },
  { name: 'admin.users', description: 'Accounts, for admins.' },
  { name: 'admin.keys', description: 'The keys that sign access tokens, for admins.' },
  { name: 'admin.sessions', description: 'Sessions of everybody, for admins.' },
  { name: 'admin.settings', description: 'The live settings: in force on every instance within a second of a save.' },
  { name: 'admin.audit', description: 'What has happened: who did it, to whom, from where.' },
  { name: 'admin.statistics', description: 'Figures of all instances together.' },
  { name: 'admin.instances', description: 'The processes that serve on this database.' },
]

const ACCESS_TOKEN: oas31.SecuritySchemeObject = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The access token of `POST /api/login/` or `POST /api/refresh/`.',
}

const REQUEST_ID = 'c8b3f0a4-5d5e-4c5e-9a0b-6a7c7f4f2f1d'

const HEADERS: Record<string, oas31.HeaderObject> = {
  'X-Request-Id': {
    description: 'Names the request in the log of the server. Send one, and it is kept.',
    schema: { type: 'string', examples: [REQUEST_ID] },
  },
  'Retry-After': {
    description: 'Seconds after which trying again makes sense.',
    schema: { type: 'integer', minimum: 1, examples: [1] },
  },
  'WWW-Authenticate': {
    description: 'What kind of token is asked for, and what was wrong with the one that came (RFC 6750).',
    schema: { type: 'string', examples: ['Bearer realm="latchkey"'] },
  },
  RateLimit: {
    description: 'The limit that is spent, and seconds until it is free again.',
    schema: { type: 'string', examples: ['"login-account";r=0;t=42'] },
  },
  'RateLimit-Policy': {
    description: 'That limit: so many (`q`) in so many seconds (`w`).',
    schema: { type: 'string', examples: ['"login-account";q=5;w=60'] },
  },
  'Latchkey-Device': {
    description: 'To be sent with the next login from this device. Browsers get it as a cookie, too.',
    schema: { type: 'string', examples: ['AbJ3c0pXq4m7n1RZl8dK2wAATnIb5e9yQ6uVt3g'] },
  },
  ETag: {
    description: 'The revision of the settings. Send it back as `If-Match` with a change.',
    schema: { type: 'string', examples: ['"17"'] },
  },
}

const DEVICE: oas31.ParameterObject = {
  name: 'Latchkey-Device',
  in: 'header',
  // Without an example: the docs page would send it.
  description: 'What the last login from this device answered with. What is none counts for nothing.',
  schema: { type: 'string' },
}

const IF_MATCH: oas31.ParameterObject = {
  name: 'If-Match',
  in: 'header',
  description:
    'The `ETag` of the settings that you have seen: one strong tag, neither `*` nor a list. It or `revision` in the body is needed; both have to agree.',
  schema: { type: 'string', examples: ['"17"'] },
}

const IDEMPOTENCY_KEY: oas31.ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    '1 to 255 visible ASCII characters, bare or as a string in quotes (draft-ietf-httpapi-idempotency-key-header): a UUID, say. Make one up for each exchange, keep it beside the refresh token before you send it, as secret as that, and send it with each try. It gets the same answer for five minutes, as long as the new refresh token was not used.',
  schema: { type: 'string', pattern: '^[ -~]+$' },
}

/**
 * The OpenAPI document: trpc-to-openapi reads the schemas off the procedures, and what it cannot know is put right here
 * from the same meta: paths as the contract writes them, every answer an operation can give, and bodies of refusals as
 * they are really sent.
 */
export function openApiDocument(): oas31.OpenAPIObject {
  const generated = generateOpenApiDocument(appRouter, {
    openApiVersion: '3.1.0',
    title: 'Latchkey',
    version,
    description: introduction(),
    license: { name: 'MIT', identifier: 'MIT' },
    baseUrl: '/',
    securitySchemes: { accessToken: ACCESS_TOKEN },
    defs: { Problem: problemSchema },
  })
  const paths: oas31.PathsObject = {}
  for (const operation of operationsOf(appRouter)) {
    const method = operation.method.toLowerCase() as Lowercase<Operation['method']>
    const found = generated.paths?.[operation.path]?.[method]
    if (found === undefined) throw new Error(`${operation.name} is missing in the generated document`)
    const path = `${operation.path}/`
    paths[path] = { ...paths[path], [method]: putRight(found, operation) }
  }
  return { ...generated, tags: TAGS, paths, components: { ...generated.components, headers: HEADERS } }
}

function putRight(found: oas31.OperationObject, operation: Operation): oas31.OperationObject {
  const { requestBody, responses, parameters = [], ...rest } = found
  const { name, session, status, revision, device, retry, examples } = operation
  const all = [
    ...parameters.map(required),
    ...(revision === 'asked' ? [IF_MATCH] : []),
    ...(device ? [DEVICE] : []),
    ...(retry ? [IDEMPOTENCY_KEY] : []),
  ]
  return {
    ...rest,
    tags: [name.slice(0, name.lastIndexOf('.'))],
    security: session ? [{ accessToken: [] }] : [],
    ...(all.length > 0 && { parameters: all }),
    ...(requestBody && { requestBody: { required: true, content: withExample(requestBody, examples.request) } }),
    responses: {
      [status]: {
        description: 'Success',
        headers: headersOf([], [...(revision === undefined ? [] : ['ETag']), ...(device ? ['Latchkey-Device'] : [])]),
        content: withExample(responses?.[200], examples.response),
      },
      ...refusals(operation),
    },
  }
}

/** Without the one in the path there would be no such path; the generator sees text that may be turned into a number. */
function required<Parameter extends object>(parameter: Parameter): Parameter {
  return 'in' in parameter && parameter.in === 'path' ? { ...parameter, required: true } : parameter
}

/** The content that was generated, with the body that the contract shows. */
function withExample(generated: object | undefined, example: unknown): oas31.ContentObject {
  const { content } = generated as { content: oas31.ContentObject }
  return { 'application/json': { ...content['application/json'], example } }
}

/** An answer for each status, with the codes it can carry. */
function refusals(operation: Operation): oas31.ResponsesObject {
  const byStatus = Map.groupBy(operation.errors, (code) => ERRORS[code].status)
  return Object.fromEntries(Array.from(byStatus, ([status, codes]) => [status, refusal(operation, codes)]))
}

function refusal(operation: Operation, codes: ErrorCode[]): oas31.ResponseObject {
  const schema: oas31.SchemaObject = {
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    properties: { code: { enum: codes } },
  }
  const examples = Object.fromEntries(
    codes.map((code) => [
      code,
      { summary: ERRORS[code].title, value: problem(exampleOf(code, operation), REQUEST_ID) },
    ]),
  )
  return {
    description: codes.map((code) => ERRORS[code].title).join('; '),
    headers: headersOf(codes),
    content: {
      'application/problem+json': { schema, examples },
      ...(isPage(operation, codes) && { 'text/html': { schema: { type: 'string' } } }),
    },
  }
}

/** Who opens the address in a browser has no token with him, and gets a page that says how to call it. */
function isPage({ method }: Operation, codes: ErrorCode[]): boolean {
  return method === 'GET' && (codes.includes('missing_token') || codes.includes('unavailable'))
}

function exampleOf(code: ErrorCode, { examples, pathParameters, queryParameters }: Operation): LatchkeyError {
  const [needed, parameter = ''] = [Object.keys(examples.request ?? {})[0], ...pathParameters, ...queryParameters]
  const fields = [
    needed === undefined
      ? { path: [parameter], code: `${parameter}_invalid`, message: 'This is not what it should be.' }
      : { path: [needed], code: `${needed}_missing`, message: 'This field is needed.' },
  ]
  return new LatchkeyError(code, {
    ...(code === 'invalid_input' && { fields }),
    ...(code === 'revision_conflict' && { conflict: CONFLICT }),
  })
}

const CONFLICT: RevisionConflict = {
  base: 17,
  revision: 18,
  settings: [{ name: 'ACCESS_TOKEN_LIFETIME', before: 30, theirs: 60, yours: 900 }],
}

function headersOf(codes: ErrorCode[], others: string[] = []): Record<string, oas31.ReferenceObject> {
  const names = codes.flatMap((code) => Object.keys(errorHeaders(exampleOfHeaders(code))))
  return Object.fromEntries(
    ['X-Request-Id', ...others, ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  )
}

/** An error with all that can become a header. */
function exampleOfHeaders(code: ErrorCode): LatchkeyError {
  const limit = { name: 'login-account', limit: 5, windowSeconds: 60 }
  return new LatchkeyError(code, code === 'too_many_requests' ? { limit } : {})
}

/** Headings are words, because the page's list swallows the underscores of a code. */
function introduction(): string {
  const errors = Object.entries(ERRORS).map(
    ([code, { status, title, meaning }]) =>
      `## ${code.replaceAll('_', ' ')}\n\n\`${code}\`, ${status}: ${title}. ${meaning}`,
  )
  return [INTRODUCTION.trim(), ...errors].join('\n\n')
}
