import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { parse } from 'yaml'
import type { Edge } from '../edge/edge.ts'
import { mountMetrics } from '../mounts/metrics.ts'
import { expect, sendTo, test as base } from '../testing/served.ts'
import { createMetrics } from './metrics.ts'
import { serveMetrics } from './metrics-port.ts'

const TOKEN = 'a token for metrics'.replaceAll(' ', '-')
const WITH_TOKEN = { headers: { authorization: `Bearer ${TOKEN}` } }

/** A server that measures itself, and serves what it measures to who has the token. */
const test = base.extend('measured', async ({ createInstance, serve }) => {
  const metrics = createMetrics('1.2.3')
  const core = await createInstance({ observer: metrics.observer, rateLimits: true })
  metrics.watch(core)
  const none = () => new Hono<Edge>()
  const mounts = { health: none(), jwks: none(), docs: none(), setup: none(), metrics: mountMetrics(metrics, TOKEN) }
  const send = sendTo(await serve({ core, metrics, mounts }))
  return { metrics, send, read: async () => (await send('GET', '/metrics', WITH_TOKEN)).text }
})

test('counts what happens, by patterns and outcomes', async ({ measured: { send, read }, makeAccount }) => {
  const { email, password } = await makeAccount()
  const login = await send('POST', '/api/login/', { body: { email, password } })
  await send('POST', '/api/login', { body: { email, password: 'not the password' } })
  const token = String(login.json()['refresh_token'])
  await send('POST', '/api/refresh', { body: { refresh_token: token } })
  await send('GET', '/api/me', { headers: { authorization: `Bearer ${String(login.json()['access_token'])}` } })
  for (const path of ['/nowhere', '/nowhere/else', '/wp-login.php']) await send('GET', path)

  await expect.poll(read).toContain('http_route="/*"')
  const text = await read()
  const expected = [
    'latchkey_build_info{version="1.2.3"} 1',
    'latchkey_refreshes_total{outcome="rotated"} 1',
    'latchkey_refreshes_total{outcome="replayed"} 0',
    'latchkey_logins_total{outcome="succeeded"} 1',
    'latchkey_logins_total{outcome="failed"} 1',
    'latchkey_batch_size_sum{batch="refresh"} 1',
    'latchkey_hash_seconds_count 2',
    'latchkey_hash_queue{state="waiting"} 0',
    'latchkey_settings_revision 0',
    'latchkey_ready 1',
    'db_client_connection_pending_requests 0',
    'db_client_operation_duration_seconds_count{db_query_summary="session.rotate",error_type=""} 1',
    'http_server_request_duration_seconds_count{http_request_method="POST",http_route="/api/login",http_response_status_code="200"} 1',
    'http_server_request_duration_seconds_count{http_request_method="POST",http_route="/api/login",http_response_status_code="401"} 1',
    'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/*",http_response_status_code="404"} 3',
  ]
  for (const line of expected) expect(text).toContain(line)
  // Neither a path that somebody made up nor anything of an account is ever a label.
  expect(text).not.toMatch(/wp-login|nowhere|example\.com/)
})

test('is for who has the token, and not there where there is none', async ({ measured: { send, metrics }, serve }) => {
  expect((await send('GET', '/metrics')).status).toBe(401)
  expect((await send('GET', '/metrics', { headers: { authorization: 'Bearer another-token-than-this' } })).status).toBe(
    401,
  )
  expect((await send('POST', '/metrics', WITH_TOKEN)).status).toBe(405)
  expect((await send('GET', '/metrics/', WITH_TOKEN)).headers['content-type']).toMatch(/^text\/plain/)
  const none = () => new Hono<Edge>()
  const mounts = {
    health: none(),
    jwks: none(),
    docs: none(),
    setup: none(),
    metrics: mountMetrics(metrics, undefined),
  }
  expect((await sendTo(await serve({ mounts }))('GET', '/metrics', WITH_TOKEN)).status).toBe(404)
})

test('has a port of its own', async ({ measured: { metrics } }) => {
  const served = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 })
  const at = (path: string) => fetch(`http://127.0.0.1:${served.port}${path}`)
  expect(await (await at('/metrics')).text()).toContain('latchkey_ready 1')
  expect((await at('/')).status).toBe(404)
  await expect(serveMetrics(metrics, { host: '127.0.0.1', port: served.port })).rejects.toThrow('LATCHKEY_METRICS_PORT')
  await served.close()
})

const repository = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
/** What looks like the name of a metric in an expression. */
const NAMES = /\b(?:latchkey|http|db|nodejs|process)_[a-z0-9_]+/g

test('dashboard, alerts and documentation name what there is, and all of ours is documented', async ({
  measured: { read, metrics },
}) => {
  const there = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name)
  const text = await read()
  const isThere = (name: string) =>
    there.includes(name) ||
    (/_(bucket|sum|count)$/.test(name) && there.includes(name.replace(/_(bucket|sum|count)$/, '')))

  const labels = new Set(Array.from(text.matchAll(/[{,]([a-z_]+)="/g), ([, label]) => label))
  const alerts = parse(repository('monitoring/alerts.yaml')) as {
    groups: { rules: { alert: string; expr: string }[] }[]
  }
  const dashboard = JSON.parse(repository('monitoring/dashboard.json')) as {
    panels: { title: string; targets?: { expr: string }[] }[]
  }
  const expressions = [
    ...alerts.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ where: alert, expr }))),
    ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: title, expr }))),
  ]
  expect(expressions.length).toBeGreaterThan(15)
  for (const { where, expr } of expressions) {
    const unknown = (expr.match(NAMES) ?? []).filter((name) => !isThere(name) && !labels.has(name) && !LABELS.has(name))
    expect(unknown, where).toEqual([])
  }
  const documented = repository('docs/monitoring.md')
  const ours = there.filter((name) => !/^(nodejs|process)_/.test(name))
  expect(ours.filter((name) => !documented.includes(`\`${name}\``))).toEqual([])
})

/** Labels that show only with traffic. */
const LABELS = new Set(['http_route', 'http_request_method', 'http_response_status_code', 'db_query_summary'])
