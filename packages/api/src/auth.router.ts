import { login, logout, refresh, register } from '@latchkey/core'
import { z } from 'zod'
import { body, email, password, refreshToken } from './fields.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { rest } from './operation.ts'
import { publicProcedure, router } from './trpc.ts'
import * as wire from './wire.ts'

const TOKENS = {
  access_token: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6Ii4uLiJ9.eyJ1c2VyX2lkIjoxfQ.c2lnbmF0dXJl',
  refresh_token: 'eb0464c2-ed6e-4346-a709-042c33946154',
}

const tokenPair = z
  .object({
    access_token: z
      .string()
      .meta({ description: 'A JWT. It is accepted for 30 seconds, or what the operator has set.' }),
    refresh_token: z.string().meta({
      description: 'A UUID. Exchange it for a new pair before the access token runs out.',
      format: 'uuid',
    }),
  })
  .meta({ id: 'TokenPair' })

const registered = z.object({ id: z.int().min(1), email: z.string() }).meta({ id: 'Registered' })

const loggedOut = z.object({ success: z.literal('User logged out.') }).meta({ id: 'LoggedOut' })

/** Accounts come, sessions begin, go on and end. */
export const authRouter = router({
  register: publicProcedure
    .meta(
      rest('POST', '/register', {
        summary: 'Register an account',
        description: 'Makes an account for an e-mail address that has none yet. Letter case does not matter.',
        errors: ['registration_closed', 'email_taken', 'too_many_requests', 'busy'],
        status: 201,
        examples: {
          request: { password: 'password', email: 'user@example.com' },
          response: { id: 1, email: 'user@example.com' },
        },
      }),
    )
    .input(body({ email, password }))
    .output(registered)
    .mutation(({ ctx, input }) => register(ctx.core, input, ctx.origin)),

  login: publicProcedure
    .meta(
      rest('POST', '/login', {
        summary: 'Log in',
        description:
          'Exchanges e-mail and password for an access token and a refresh token. An unknown account and a wrong password get the same answer. Keep `Latchkey-Device` of the answer, and send it with the next login from this device: it then counts by itself, whatever others try on the account. Browsers keep it as a cookie.',
        errors: ['invalid_credentials', 'account_disabled', 'too_many_requests', 'busy'],
        device: true,
        examples: { request: { email: 'user@example.com', password: 'password' }, response: TOKENS },
      }),
    )
    .input(body({ email, password }))
    .output(tokenPair)
    .mutation(async ({ ctx, input }) => {
      const { deviceProof, ...pair } = await login(ctx.core, input, ctx.origin)
      ctx.giveDeviceProof(deviceProof)
      return wire.tokenPair(pair)
    }),

  refresh: publicProcedure
    .meta(
      rest('POST', '/refresh', {
        summary: 'Exchange a refresh token',
        description:
          'Exchanges a refresh token for a new pair, both lifetimes starting anew. Keep the new refresh token: the old one gives the same answer for some seconds more (a second tab, a lost reply), and after that ends the session. With an `Idempotency-Key` it gives the same answer for five minutes.',
        errors: ['invalid_refresh_token', 'too_many_requests'],
        hot: true,
        retry: true,
        examples: { request: { refresh_token: TOKENS.refresh_token }, response: TOKENS },
      }),
    )
    .input(body({ refresh_token: refreshToken }))
    .output(tokenPair)
    .mutation(async ({ ctx, input }) => {
      const retryKey = idempotencyKeyOf(ctx.idempotencyKey)
      return wire.tokenPair(await refresh(ctx.core, input.refresh_token, ctx.origin, retryKey))
    }),

  logout: publicProcedure
    .meta(
      rest('POST', '/logout', {
        summary: 'Log out',
        description: 'Ends the session of a refresh token for good. Any token of the session will do.',
        errors: ['invalid_refresh_token'],
        examples: { request: { refresh_token: TOKENS.refresh_token }, response: { success: 'User logged out.' } },
      }),
    )
    .input(body({ refresh_token: refreshToken }))
    .output(loggedOut)
    .mutation(async ({ ctx, input }) => {
      await logout(ctx.core, input.refresh_token, ctx.origin)
      return { success: 'User logged out.' as const }
    }),
})
