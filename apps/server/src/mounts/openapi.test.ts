import { parse } from 'yaml'
import { expect, test } from '../testing/served.ts'

test('the document is served as JSON and as YAML, and both say the same', async ({ send }) => {
  const json = await send('GET', '/openapi.json')
  const yaml = await send('GET', '/openapi.yaml')
  expect(json).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
  expect(yaml).toMatchObject({ status: 200, headers: { 'content-type': 'application/yaml' } })
  expect(parse(yaml.text)).toEqual(json.json())
})

test('each operation says what it is, shows the bodies of the contract, and asks for a token only where it needs one', async ({
  send,
}) => {
  const { openapi, info, servers, paths } = JSON.parse((await send('GET', '/openapi.json')).text)
  expect(openapi).toBe('3.1.0')
  expect(info).toMatchObject({
    title: 'Latchkey',
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    license: { name: 'MIT' },
  })
  expect(servers).toEqual([{ url: '/' }])
  expect(paths['/api/register/'].post).toMatchObject({
    operationId: 'auth-register',
    tags: ['auth'],
    security: [],
    summary: expect.any(String),
    description: expect.any(String),
    requestBody: { content: { 'application/json': { example: { password: 'password', email: 'user@example.com' } } } },
    responses: { 201: { content: { 'application/json': { example: { id: 1, email: 'user@example.com' } } } } },
  })
  expect(paths['/api/me/'].get).toMatchObject({
    security: [{ accessToken: [] }],
    responses: {
      200: { content: { 'application/json': { example: { id: 1, username: '', email: 'user@example.com' } } } },
    },
  })
  expect(paths['/api/me/'].get).not.toHaveProperty('requestBody')
})

test('every operation has a known tag, its parameters, and an example of each body', async ({ send }) => {
  const { tags, paths } = JSON.parse((await send('GET', '/openapi.json')).text) as Document
  const known = new Set(tags.map(({ name }) => name))
  const used = new Set<string>()
  for (const [path, methods] of Object.entries(paths)) {
    for (const operation of Object.values(methods)) {
      for (const tag of operation.tags) used.add(tag)
      const inPath = operation.parameters?.filter((parameter) => parameter.in === 'path') ?? []
      expect(inPath.map(({ name }) => name)).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name))
      expect(inPath.every(({ required }) => required)).toBe(true)
      const success = operation.responses[200] ?? operation.responses[201]
      expect(success?.content['application/json']).toHaveProperty('example')
      if (operation.requestBody) expect(operation.requestBody.content['application/json']).toHaveProperty('example')
    }
  }
  expect([...used].toSorted()).toEqual([...known].toSorted())
})

test('an operation without a body says so, one with If-Match and ETag too', async ({ send }) => {
  const { paths } = JSON.parse((await send('GET', '/openapi.json')).text) as Document
  expect(paths['/api/admin/users/{id}/disable/']?.post).not.toHaveProperty('requestBody')
  expect(paths['/api/me/sessions/']?.get).not.toHaveProperty('parameters')
  const query = paths['/api/admin/audit/']?.get?.parameters?.map((parameter) => `${parameter.in} ${parameter.name}`)
  expect(query).toEqual(
    ['name', 'user_id', 'actor_id', 'address', 'from', 'to', 'order', 'limit', 'cursor'].map((name) => `query ${name}`),
  )
  expect(paths['/api/admin/settings/']?.get?.responses[200]?.headers).toHaveProperty('ETag')
  expect(paths['/api/admin/settings/']?.patch?.parameters).toMatchObject([{ in: 'header', name: 'If-Match' }])
  const conflict = paths['/api/admin/settings/']?.patch?.responses[409]?.content['application/problem+json']
  expect(conflict).toMatchObject({ examples: { revision_conflict: { value: { conflict: { base: 17 } } } } })
})

interface Document {
  tags: { name: string }[]
  paths: Record<string, Record<string, DocumentedOperation>>
}

interface DocumentedOperation {
  tags: string[]
  parameters?: { in: string; name: string; required?: boolean }[]
  requestBody?: { content: Record<string, object> }
  responses: Record<string, { headers: object; content: Record<string, object> }>
}
