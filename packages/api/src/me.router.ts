import { changeAccount, readAccount } from '@latchkey/core'
import { z } from 'zod'
import { body, email, username } from './fields.ts'
import { rest } from './operation.ts'
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
        examples: {
          request: { username: 'John Smith', email: 'newuser@example.com' },
          response: { id: 1, username: 'John Smith', email: 'newuser@example.com' },
        },
      }),
    )
    .input(body({ username: username.optional(), email: email.optional() }))
    .output(profile)
    .mutation(({ ctx, input }) => changeAccount(ctx.core, ctx.claims, input)),
})
