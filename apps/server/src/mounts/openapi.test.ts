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
