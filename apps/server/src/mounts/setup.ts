import { Hono } from 'hono'
import type { Edge } from '../edge/edge.ts'
import { otherMethods } from '../edge/methods.ts'
import { type SetupPage, setupPage } from '../setup-page/page.ts'

/** With and without the slash at the end. */
const PATHS = ['/admin/setup', '/admin/setup/']

/** `/admin/setup`: where the link leads by which the first admin is made. Its token is in the fragment and never comes here. */
export function mountSetup(): Hono<Edge> {
  const app = new Hono<Edge>()
  let made: SetupPage | undefined
  app.on('GET', PATHS, (c) => {
    made ??= setupPage()
    return c.html(made.html, 200, {
      'Content-Security-Policy': made.policy,
      'Cross-Origin-Opener-Policy': 'same-origin',
    })
  })
  for (const path of PATHS) app.all(path, otherMethods(['GET']))
  return app
}
