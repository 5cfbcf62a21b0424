import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, sendTo, test as base } from '../testing/served.ts'
import { samplerOf } from './sampler.ts'
import { startTracing } from './tracing.ts'

/** What is sent to a collector, as far as it is looked at. */
interface Sent {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] }
    scopeSpans: { spans: Span[] }[]
  }[]
}

interface Span {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  attributes: { key: string; value: object }[]
}

/** A collector of spans on loopback. */
const test = base.extend('collector', async ({}, { onCleanup }) => {
  const sent: Sent[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      sent.push(JSON.parse(text))
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
    })
  })
  onCleanup(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const spans = () =>
    sent.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    )
  return { url: `http://127.0.0.1:${port}`, sent, spans }
})

test('a request, its procedure, its statements and its hash are in the trace of the caller', async ({
  collector: { url, sent, spans },
  createInstance,
  serve,
  makeAccount,
}) => {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = url
  const tracing = startTracing({}, '1.2.3')
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  const { email, password } = await makeAccount()
  const core = await createInstance({ observer: tracing.observer })
  const send = sendTo(await serve({ core, tracing }))
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  const login = await send('POST', '/api/login/', { body: { email, password }, headers })
  await send('POST', '/api/refresh', { body: { refresh_token: login.json()['refresh_token'] } })
  await send('GET', '/nowhere/of-a-secret')
  await tracing.close()

  const ofLogin = spans().filter((span) => span.traceId === traceId)
  const request = ofLogin.find(({ name }) => name === 'POST /api/login')
  expect(request?.parentSpanId).toBe('b7ad6b7169203331')
  const procedure = ofLogin.find(({ name }) => name === 'auth.login')
  expect(procedure?.parentSpanId).toBe(request?.spanId)
  const inside = ofLogin.filter(({ parentSpanId }) => parentSpanId === procedure?.spanId).map(({ name }) => name)
  expect(inside).toEqual(expect.arrayContaining(['password hash', 'password hash wait', 'session.open']))

  const others = spans().filter((span) => span.traceId !== traceId)
  expect(others.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['POST /api/refresh', 'auth.refresh', 'session.rotate', 'batch refresh', 'GET /*']),
  )
  const resource = JSON.stringify(sent[0]?.resourceSpans[0]?.resource)
  expect(resource).toContain('latchkey')
  // Nothing of what a client has sent.
  expect(JSON.stringify(sent)).not.toMatch(/example\.com|of-a-secret|eyJ/)
})

test.for([
  [{}, 'ParentBased{root=AlwaysOnSampler'],
  [{ OTEL_TRACES_SAMPLER: 'always_off' }, 'AlwaysOffSampler'],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 'TraceIdRatioBased{0.25}'],
  [
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
    'ParentBased{root=TraceIdRatioBased{0.5}',
  ],
] as const)('%o samples by %s', ([variables, expected]) => {
  expect(samplerOf(variables).toString()).toContain(expected)
})
