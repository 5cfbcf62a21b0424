import { ERRORS } from '@latchkey/core'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { expect, expectTypeOf, test } from 'vitest'
import { operationsOf } from './operation.ts'
import { type AppRouter, appRouter } from './router.ts'

test('the procedures and their REST shapes are those of the contract', () => {
  expect(
    operationsOf(appRouter).map(({ name, method, path, status }) => `${name}: ${method} ${path}/ ${status}`),
  ).toEqual([
    'auth.register: POST /api/register/ 201',
    'auth.login: POST /api/login/ 200',
    'auth.refresh: POST /api/refresh/ 200',
    'auth.logout: POST /api/logout/ 200',
    'me.get: GET /api/me/ 200',
    'me.update: PUT /api/me/ 200',
    'me.changePassword: POST /api/me/password/ 200',
    'me.delete: POST /api/me/delete/ 200',
    'me.sessions.list: GET /api/me/sessions/ 200',
    'me.sessions.end: DELETE /api/me/sessions/{id}/ 200',
    'me.sessions.endOthers: POST /api/me/end-other-sessions/ 200',
    'setup.createAdmin: POST /api/setup/ 201',
    'admin.users.list: GET /api/admin/users/ 200',
    'admin.users.show: GET /api/admin/users/{id}/ 200',
    'admin.users.create: POST /api/admin/users/ 201',
    'admin.users.update: PATCH /api/admin/users/{id}/ 200',
    'admin.users.delete: DELETE /api/admin/users/{id}/ 200',
    'admin.users.disable: POST /api/admin/users/{id}/disable/ 200',
    'admin.users.enable: POST /api/admin/users/{id}/enable/ 200',
    'admin.users.setPassword: POST /api/admin/users/{id}/password/ 200',
    'admin.users.signOut: POST /api/admin/users/{id}/sign-out/ 200',
    'admin.sessions.list: GET /api/admin/sessions/ 200',
    'admin.sessions.end: DELETE /api/admin/sessions/{id}/ 200',
    'admin.settings.list: GET /api/admin/settings/ 200',
    'admin.settings.preview: POST /api/admin/settings/preview/ 200',
    'admin.settings.save: PATCH /api/admin/settings/ 200',
    'admin.settings.history: GET /api/admin/settings/history/ 200',
    'admin.settings.rollback: POST /api/admin/settings/rollback/ 200',
    'admin.keys.list: GET /api/admin/keys/ 200',
    'admin.keys.rotate: POST /api/admin/keys/rotate/ 200',
    'admin.keys.compromise: POST /api/admin/keys/{id}/compromise/ 200',
    'admin.audit.list: GET /api/admin/audit/ 200',
    'admin.audit.show: GET /api/admin/audit/{id}/ 200',
    'admin.statistics.show: GET /api/admin/statistics/ 200',
    'admin.instances.list: GET /api/admin/instances/ 200',
  ])
})

test('no operation lists an error twice, or one that it cannot give', () => {
  for (const { errors, takesBody, session } of operationsOf(appRouter)) {
    expect(errors).toEqual([...new Set(errors)])
    expect(errors.some((code) => ERRORS[code].status === 415)).toBe(takesBody)
    expect(errors.includes('missing_token')).toBe(session)
  }
})

test('what is below admin, in the name or in the path, is for admins; nothing else is', () => {
  const odd = operationsOf(appRouter).filter(
    ({ name, path, admin, session }) =>
      admin !== name.startsWith('admin.') || admin !== path.startsWith('/api/admin/') || (admin && !session),
  )
  expect(odd).toEqual([])
})

test('every procedure has a REST shape; without one it would be in no list of operations, and in no test of them', () => {
  const {
    _def: { procedures },
  } = appRouter
  expect(operationsOf(appRouter).map(({ name }) => name)).toEqual(Object.keys(procedures))
})

test('parameters in the path are fields of the input, and what is left is the query or the body', () => {
  const operations = operationsOf(appRouter)
  const shapeOf = (wanted: string) => {
    const { pathParameters, queryParameters, takesBody } = operations.find(({ name }) => name === wanted)!
    return { pathParameters, queryParameters, takesBody }
  }
  expect(shapeOf('admin.users.update')).toEqual({ pathParameters: ['id'], queryParameters: [], takesBody: true })
  expect(shapeOf('admin.users.disable')).toEqual({ pathParameters: ['id'], queryParameters: [], takesBody: false })
  expect(shapeOf('admin.users.delete')).toEqual({ pathParameters: ['id'], queryParameters: [], takesBody: false })
  expect(shapeOf('me.sessions.endOthers')).toEqual({ pathParameters: [], queryParameters: [], takesBody: false })
  expect(shapeOf('admin.sessions.list')).toEqual({
    pathParameters: [],
    queryParameters: ['user_id', 'state', 'limit', 'cursor'],
    takesBody: false,
  })
})

test('clients see the bodies of the contract, typed', () => {
  type Inputs = inferRouterInputs<AppRouter>
  type Outputs = inferRouterOutputs<AppRouter>
  expectTypeOf<Inputs['auth']['login']>().toEqualTypeOf<{ email: string; password: string }>()
  expectTypeOf<Outputs['auth']['refresh']>().toEqualTypeOf<{ access_token: string; refresh_token: string }>()
  expectTypeOf<Outputs['auth']['logout']>().toEqualTypeOf<{ success: 'User logged out.' }>()
  expectTypeOf<Outputs['me']['get']>().toEqualTypeOf<{ id: number; username: string; email: string }>()
  expectTypeOf<Inputs['admin']['users']['show']>().toEqualTypeOf<{ id: number }>()
  expectTypeOf<Inputs['admin']['sessions']['list']>().toEqualTypeOf<{
    user_id?: number | undefined
    state?: 'live' | 'ended' | 'replayed' | undefined
    limit?: number | undefined
    cursor?: string | undefined
  }>()
  expectTypeOf<Inputs['admin']['audit']['list']['from']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Inputs['me']['update']>().toEqualTypeOf<{ username?: string | undefined; email?: string | undefined }>()
})
