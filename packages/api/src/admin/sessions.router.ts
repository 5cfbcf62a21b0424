import { endSession, listSessions } from '@latchkey/core'
import { userId, cursor, limit, oneOf, optional, parameters, uuid } from '../fields.ts'
import { rest } from '../operation.ts'
import { pageOf } from '../page.ts'
import { SESSION_EXAMPLE, sessionSchema } from '../session.ts'
import { success } from '../success.ts'
import { adminProcedure, router } from '../trpc.ts'
import * as wire from '../wire.ts'

const EXAMPLE = {
  ...SESSION_EXAMPLE,
  user_id: 7,
  email: 'user@example.com',
  ended_at: null,
  end_reason: null,
  generation: 29,
  converged: 0,
}

/** Sessions of everybody. */
export const sessionsRouter = router({
  list: adminProcedure
    .meta(
      rest('GET', '/admin/sessions', {
        summary: 'List sessions',
        description: 'Pages of sessions, the newest first: of one user or of all, in any state or in one.',
        examples: { response: { items: [EXAMPLE], next: null } },
      }),
    )
    .input(
      parameters({
        user_id: optional(userId('user_id')),
        state: optional(
          oneOf('state', ['live', 'ended', 'replayed']).meta({
            description:
              'Only those that live, that were ended, or that were ended because an old token came back. Those that just ran out are in none of these: leave it out to see them too.',
          }),
        ),
        limit: optional(limit),
        cursor: optional(cursor),
      }),
    )
    .output(pageOf(sessionSchema).meta({ id: 'Sessions' }))
    .query(async ({ ctx, input: { user_id: accountId, ...filter } }) =>
      wire.page(await listSessions(ctx.core, { ...filter, accountId }), wire.session),
    ),

  end: adminProcedure
    .meta(
      rest('DELETE', '/admin/sessions/{id}', {
        summary: 'End a session',
        description: 'Ends a session of anybody. One that has ended already is not found.',
        errors: ['not_found'],
        examples: { path: { id: SESSION_EXAMPLE.id }, response: { success: 'Session ended.' } },
      }),
    )
    .input(parameters({ id: uuid('id') }))
    .output(success('Session ended.'))
    .mutation(async ({ ctx, input }) => {
      await endSession(ctx.core, input.id, ctx.actor)
      return { success: 'Session ended.' as const }
    }),
})
