import { expect, test } from './testing/served.ts'

test('the six calls of the contract, as written', async ({ send }) => {
  const email = `${crypto.randomUUID()}@example.com`
  const credentials = { password: 'password', email }
  const registered = await send('POST', '/api/register/', { body: credentials })
  expect(registered).toMatchObject({ status: 201 })
  expect(registered.json()).toEqual({ id: expect.any(Number), email })

  const loggedIn = await send('POST', '/api/login/', { body: credentials })
  expect(loggedIn.status).toBe(200)
  expect(loggedIn.json()).toEqual({ access_token: expect.any(String), refresh_token: expect.any(String) })
  const authorization = `Bearer ${String(loggedIn.json().access_token)}`

  const refreshed = await send('POST', '/api/refresh/', { body: { refresh_token: loggedIn.json().refresh_token } })
  expect(refreshed.status).toBe(200)
  expect(refreshed.json()).toEqual({ access_token: expect.any(String), refresh_token: expect.any(String) })

  const me = await send('GET', '/api/me/', { headers: { authorization } })
  expect(me.status).toBe(200)
  expect(me.json()).toEqual({ id: registered.json().id, username: '', email })

  const changed = await send('PUT', '/api/me/', { headers: { authorization }, body: { username: 'John Smith' } })
  expect(changed.status).toBe(200)
  expect(changed.json()).toEqual({ id: registered.json().id, username: 'John Smith', email })

  const loggedOut = await send('POST', '/api/logout/', { body: { refresh_token: refreshed.json().refresh_token } })
  expect(loggedOut.status).toBe(200)
  expect(loggedOut.json()).toEqual({ success: 'User logged out.' })
})
