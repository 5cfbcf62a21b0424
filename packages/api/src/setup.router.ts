import { setUpAdmin } from '@latchkey/core'
import { z } from 'zod'
import { body, email, password, text } from './fields.ts'
import { rest } from './operation.ts'
import { publicProcedure, router } from './trpc.ts'

const token = text('token', { max: 200 }).meta({
  description: 'What stands in the setup link behind the `#`.',
  examples: ['tGdG3P2sE1bZqgkS1xvT4nCq6Yk0mJHq8Zr7w5c0J2E'],
})

const created = z.object({ id: z.int().min(1), email: z.string() }).meta({ id: 'FirstAdmin' })

/** What happens once, before there is an admin. */
export const setupRouter = router({
  createAdmin: publicProcedure
    .meta(
      rest('POST', '/setup', {
        summary: 'Make the first admin',
        description:
          'Makes the first admin by the link that the first start has printed. It works once, within an hour, and only while there is no admin.',
        errors: ['invalid_setup_link', 'email_taken', 'busy'],
        status: 201,
        examples: {
          request: {
            token: 'tGdG3P2sE1bZqgkS1xvT4nCq6Yk0mJHq8Zr7w5c0J2E',
            email: 'admin@example.com',
            password: 'a long password of mine',
          },
          response: { id: 1, email: 'admin@example.com' },
        },
      }),
    )
    .input(body({ token, email, password }))
    .output(created)
    .mutation(({ ctx, input }) => setUpAdmin(ctx.core, input, ctx.origin)),
})
