import { changeAccount, changePassword, deleteOwnAccount, readAccount } from '@latchkey/core'
import { z } from 'zod'
import { body, email, password, passwordField, username } from './fields.ts'
import { meSessionsRouter } from './me-sessions.router.ts'
import { rest } from './operation.ts'
import { success } from './success.ts'
import { router, sessionProcedure } from './trpc.ts'

const profile = z
  .object({
    id: z.int().min(1),
    username: z.string().meta({ description: 'Empty until it is set.' }),
    email: z.string(),
  })
  .meta({ id: 'Profile' })

/** The account that an access token speaks for. */
export const meRouter = router({
  get: sessionProcedure
    .meta(
      rest('GET', '/me', {
        summary: 'Show my account',
        description: 'The account that the access token speaks for.',
        hot: true,
        examples: { response: { id: 1, username: '', email: 'user@example.com' } },
      }),
    )
    .output(profile)
    .query(({ ctx }) => readAccount(ctx.core, ctx.claims)),

  update: sessionProcedure
    .meta(
      rest('PUT', '/me', {
        summary: 'Change my account',
        description:
          'Changes the username, the e-mail address or both; what is absent stays, so an empty object changes nothing. Answers with the whole account after the change. The token of a session that has ended is refused.',
        errors: ['email_taken'],
        hot: true,
        examples: {
          request: { username: 'John Smith', email: 'newuser@example.com' },
          response: { id: 1, username: 'John Smith', email: 'newuser@example.com' },
        },
      }),
    )
    .input(body({ username: username.optional(), email: email.optional() }))
    .output(profile)
    .mutation(({ ctx, input }) => changeAccount(ctx.core, ctx.claims, input, ctx.origin)),

  changePassword: sessionProcedure
    .meta(
      rest('POST', '/me/password', {
        summary: 'Change my password',
        description:
          'Needs the password that counts until then: a wrong one is `invalid_input` with `password_wrong` on `old_password`, and no 401, because the token is good. Every other session of the account ends; this one goes on.',
        errors: ['too_many_requests', 'busy'],
        examples: {
          request: { old_password: 'password', new_password: 'a long password of mine' },
          response: { success: 'Password changed.' },
        },
      }),
    )
    .input(body({ old_password: passwordField('old_password'), new_password: passwordField('new_password') }))
    .output(success('Password changed.'))
    .mutation(async ({ ctx, input: { old_password: oldPassword, new_password: newPassword } }) => {
      await changePassword(ctx.core, ctx.claims, { oldPassword, newPassword }, ctx.origin)
      return { success: 'Password changed.' as const }
    }),

  delete: sessionProcedure
    .meta(
      rest('POST', '/me/delete', {
        summary: 'Delete my account',
        description:
          'Deletes the account for good, with all its sessions. Needs the password: a wrong one is `invalid_input` with `password_wrong`, and no 401. Its id is never given to another one.',
        errors: ['last_admin', 'too_many_requests', 'busy'],
        examples: { request: { password: 'password' }, response: { success: 'Account deleted.' } },
      }),
    )
    .input(body({ password }))
    .output(success('Account deleted.'))
    .mutation(async ({ ctx, input }) => {
      await deleteOwnAccount(ctx.core, ctx.claims, input, ctx.origin)
      return { success: 'Account deleted.' as const }
    }),

  sessions: meSessionsRouter,
})
