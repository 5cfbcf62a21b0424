import { setTimeout } from 'node:timers/promises'
import { serverEnvironment } from './environment.mjs'
import { findNode } from './node.mjs'
import { build } from './prepare.mjs'
import { runTogether } from './together.mjs'

const POLL_MILLISECONDS = 100

/**
 * Serves as `npm start` does, and the demo beside it. With `LATCHKEY_URL` the demo uses the server that is there; that one
 * has to know where the demo is (`LATCHKEY_CORS_ORIGINS`).
 *
 * @param {string[]} args for the server
 */
export async function demo(args) {
  await build()
  const env = serverEnvironment()
  const { PORT = '8000', DEMO_PORT = '3000', LATCHKEY_URL, LATCHKEY_CORS_ORIGINS } = env
  const { run, isEnding, ended } = runTogether()
  const url = LATCHKEY_URL ?? env['PUBLIC_URL'] ?? `http://localhost:${PORT}`
  if (!LATCHKEY_URL) {
    const own = [`http://localhost:${DEMO_PORT}`, `http://127.0.0.1:${DEMO_PORT}`]
    const origins = [LATCHKEY_CORS_ORIGINS, ...own].filter(Boolean).join(',')
    const flags = ['--max-semi-space-size=4']
    run(findNode(), [...flags, 'apps/server/dist/main.js', ...args], { ...env, LATCHKEY_CORS_ORIGINS: origins })
    while (!isEnding() && !(await isReady(`http://localhost:${PORT}/readyz`))) await setTimeout(POLL_MILLISECONDS)
  }
  // Last, so that its line is the last as well.
  if (!isEnding()) run(findNode(), ['apps/demo/dist/main.js'], { ...env, DEMO_PORT, LATCHKEY_URL: url })
  return ended
}

/** @param {string} url */
async function isReady(url) {
  const answer = await fetch(url).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.status === 200
}
