import { expect, test as base } from '../testing/cookie-app.ts'

/** Without grace every second use of a token is a replay, unless it comes with its key. */
const test = base.extend('environment', { scope: 'file' }, () => ({ LATCHKEY_REFRESH_GRACE: '0s' }))

const OVER = 30

test('a page that was left before it had its cookies logs nobody out, whichever process serves the next', async ({
  signIn,
  startApp,
}) => {
  const { jar, send, open, email } = await signIn()
  jar.advance(OVER)
  const left = await send('/', {}, startApp())
  expect(await open(startApp())).toEqual({ status: 'signed-in', email })
  expect(jar.get('session')?.value).toBe(/session=([^;]+)/.exec(left.headers.getSetCookie().join())?.[1])
  jar.advance(OVER)
  expect(await open(startApp())).toEqual({ status: 'signed-in', email })
})

test('of two processes that refresh at once, the cookies of either stay good', async ({ signIn, startApp }) => {
  const { jar, send, open, email } = await signIn()
  for (let round = 0; round < 3; round++) {
    jar.advance(OVER)
    const [one, other] = await Promise.all([send('/', {}, startApp()), send('/', {}, startApp())])
    jar.take((round % 2 === 0 ? one : other).headers)
  }
  jar.advance(OVER)
  await send('/', {}, startApp())
  expect(await open(startApp())).toEqual({ status: 'signed-in', email })
})

test('an answer of the server that was lost logs nobody out', async ({ signIn, network }) => {
  const { jar, open, email } = await signIn()
  jar.advance(OVER)
  network.forecast('answer lost', 'answer lost')
  expect(await open()).toEqual({ status: 'signed-in', email })
})
