import { test as base, expect } from 'vitest'
import { type Clone, cloneFresh, makeUser, npmStart, type Running } from './clone.ts'
import { isPrivate } from './machine.ts'
import { paste, readmeExamples, type Tokens, tokensAfter, withoutTokens } from './readme.ts'

const WARM_START_MS = 3000
const MOST_LINES = 12
const isRoot = process.getuid?.() === 0

/** `start` stops what a test has started, however that test ends. A clone is installed once for all tests. */
const test = base
  .extend('clone', { scope: 'file' }, ({}, { onCleanup }) => {
    const clone = cloneFresh()
    onCleanup(() => clone.remove())
    return clone
  })
  .extend('start', ({}, { onCleanup }) => {
    const running: Running[] = []
    onCleanup(async () => void (await Promise.all(running.map((server) => server.stop()))))
    return async (clone: Clone) => {
      const server = await npmStart(clone)
      running.push(server)
      return server
    }
  })

test('a fresh clone in a private folder starts with one command and answers as README.md says', async ({
  clone,
  start,
}) => {
  expect(isPrivate(clone.folder)).toBe(true)
  const server = await start(clone)
  expect(server.printed().trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES)
  expect(server.printed()).toContain(server.url)
  await expectAnswersOfReadme(server.url)
})

test('starts again within three seconds, with the accounts of the last time', async ({ clone, start }) => {
  const first = await start(clone)
  const account = { email: 'twice@example.com', password: 'password' }
  expect((await post(`${first.url}/api/register/`, account)).status).toBe(201)
  await first.stop()
  const second = await start(clone)
  expect(second.milliseconds).toBeLessThan(WARM_START_MS)
  expect((await post(`${second.url}/api/login/`, account)).status).toBe(200)
})

test('a signal to npm ends the server and its database', async ({ clone, start }) => {
  const server = await start(clone)
  const { started, left } = await server.stop()
  expect(started).toContain('postgres')
  expect(left).toEqual([])
})

test('two starts at once in one fresh clone do not disturb each other', async ({ start }) => {
  const clone = cloneFresh()
  try {
    const both = await Promise.all([start(clone), start(clone)])
    expect(both.filter((server) => server.printed().includes('Installing packages'))).toHaveLength(1)
    const account = { email: 'at-once@example.com', password: 'password' }
    expect((await post(`${both[0].url}/api/register/`, account)).status).toBe(201)
    expect((await post(`${both[1].url}/api/login/`, account)).status).toBe(200)
    await Promise.all(both.map((server) => server.stop()))
  } finally {
    clone.remove()
  }
})

test('two clones run side by side, each with its own accounts', async ({ clone, start }) => {
  const other = cloneFresh()
  try {
    const [one, two] = await Promise.all([start(clone), start(other)])
    const account = { email: 'beside@example.com', password: 'password' }
    expect((await post(`${one.url}/api/register/`, account)).status).toBe(201)
    expect((await post(`${two.url}/api/login/`, account)).status).toBe(401)
    await two.stop()
    expect((await post(`${one.url}/api/login/`, account)).status).toBe(200)
  } finally {
    other.remove()
  }
})

test.skipIf(!isRoot)('another user, with nothing in any cache, gets the same', async ({ start }) => {
  const user = makeUser()
  const clone = cloneFresh({ user })
  try {
    const server = await start(clone)
    await expectAnswersOfReadme(server.url)
    expect((await server.stop()).left).toEqual([])
  } finally {
    clone.remove()
    user.remove()
  }
})

/** Pastes the six lines one after the other, with the tokens that the answers gave. */
async function expectAnswersOfReadme(url: string): Promise<void> {
  const examples = readmeExamples()
  expect(examples).toHaveLength(6)
  let tokens: Tokens = { access: '', refresh: '' }
  for (const { line, status, body } of examples) {
    const answer = await paste(line, url, tokens)
    expect({ line, status: answer.status, body: withoutTokens(answer.body) }).toEqual({
      line,
      status,
      body: withoutTokens(body),
    })
    tokens = tokensAfter(answer.body, tokens)
  }
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}
