import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { NO_ORIGIN } from '@latchkey/core'
import { test as base, expect } from '@latchkey/core/testing'
import { createOpenApiNodeHttpHandler } from 'trpc-to-openapi'
import { z } from 'zod'
import { body } from './fields.ts'
import { rest } from './operation.ts'
import { publicProcedure, router } from './trpc.ts'

const makeFields = () => ({
  count: z.int().optional(),
  on: z.boolean().optional(),
  at: z.date().optional(),
  list: z.array(z.number()).optional(),
  inner: z.object({ size: z.number().default(1) }).optional(),
  either: z.union([z.number(), z.boolean()]).nullish(),
})

/** Procedures with every kind of field that the REST library would coerce; one takes them through `body`. */
function makeRouter(input: z.ZodObject<ReturnType<typeof makeFields>>) {
  return router({
    echo: publicProcedure
      .meta(rest('POST', '/echo', { summary: 'Echo', description: 'Echo.', examples: { response: {} } }))
      .input(input)
      .output(z.unknown())
      .mutation((options) => options.input),
  })
}

const test = base
  .extend('context', ({ core }) => ({
    core,
    authorization: undefined,
    ifMatch: undefined,
    idempotencyKey: undefined,
    requestId: 'test',
    origin: NO_ORIGIN,
    setHeader: () => {},
    giveDeviceProof: () => {},
  }))
  /** Sends a JSON body through the REST library. */
  .extend('post', ({ context }, { onCleanup }) => {
    const servers: Server[] = []
    onCleanup(() => servers.forEach((server) => server.close()))
    return async (echo: ReturnType<typeof makeRouter>, value: object): Promise<number> => {
      const handle = createOpenApiNodeHttpHandler({ router: echo, createContext: async () => context })
      const server = createServer((request, response) => void handle(request, response))
      servers.push(server)
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as { port: number }
      const headers = { 'content-type': 'application/json', connection: 'close' }
      const answer = await fetch(`http://127.0.0.1:${port}/api/echo`, {
        method: 'POST',
        headers,
        body: JSON.stringify(value),
      })
      return answer.status
    }
  })

const wronglyTyped = [
  { count: '5' },
  { on: 'false' },
  { at: '2026-01-01' },
  { list: ['1'] },
  { inner: { size: '5' } },
  { either: '5' },
]

test.for(wronglyTyped)(
  'what is wrongly typed stays wrong over REST, and over tRPC after that: %j',
  async (value, { post, context }) => {
    const echo = makeRouter(body(makeFields()))
    expect(await post(echo, value)).toBe(400)
    const caller = echo.createCaller(context)
    await expect(caller.echo(value as object)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(await post(echo, { count: 5, on: false, list: [1], inner: {}, either: 5 })).toBe(200)
  },
)

test('without `body` the library would let "5" pass as a number, over tRPC too', async ({ post, context }) => {
  const echo = makeRouter(z.object(makeFields()))
  const caller = echo.createCaller(context)
  await expect(caller.echo({ count: '5' } as object)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  expect(await post(echo, { count: '5' })).toBe(200)
  await expect(caller.echo({ count: '5' } as object)).resolves.toEqual({ count: 5 })
})
