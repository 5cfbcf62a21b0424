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
  ])
})

test('no operation lists an error twice, or one that it cannot give', () => {
  for (const { errors, takesBody, session } of operationsOf(appRouter)) {
    expect(errors).toEqual([...new Set(errors)])
    expect(errors.some((code) => ERRORS[code].status === 415)).toBe(takesBody)
    expect(errors.includes('missing_token')).toBe(session)
  }
})

test('clients see the bodies of the contract, typed', () => {
  type Inputs = inferRouterInputs<AppRouter>
  type Outputs = inferRouterOutputs<AppRouter>
  expectTypeOf<Inputs['auth']['login']>().toEqualTypeOf<{ email: string; password: string }>()
  expectTypeOf<Outputs['auth']['refresh']>().toEqualTypeOf<{ access_token: string; refresh_token: string }>()
  expectTypeOf<Outputs['auth']['logout']>().toEqualTypeOf<{ success: 'User logged out.' }>()
  expectTypeOf<Outputs['me']['get']>().toEqualTypeOf<{ id: number; username: string; email: string }>()
  expectTypeOf<Inputs['me']['update']>().toEqualTypeOf<{ username?: string | undefined; email?: string | undefined }>()
})
