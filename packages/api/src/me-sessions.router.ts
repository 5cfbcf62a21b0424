import { endOtherSessions, endOwnSession, listOwnSessions } from '@latchkey/core'
import { parameters, uuid } from './fields.ts'
import { rest } from './operation.ts'
import { listOf } from './page.ts'
import { ownSessionSchema, SESSION_EXAMPLE } from './session.ts'
import { endedSchema, success } from './success.ts'
import { router, sessionProcedure } from './trpc.ts'
import * as wire from './wire.ts'

/** Where an account is logged in, for its owner. */
export const meSessionsRouter = router({
  list: sessionProcedure
    .meta(
      rest('GET', '/me/sessions', {
        summary: 'List my sessions',
        description: 'Every session of the account that lives, the newest first, with its device and its last use.',
        examples: { response: { items: [{ ...SESSION_EXAMPLE, current: true }] } },
      }),
    )
    .output(listOf(ownSessionSchema).meta({ id: 'OwnSessions' }))
    .query(async ({ ctx }) => ({ items: (await listOwnSessions(ctx.core, ctx.claims)).map(wire.ownSession) })),

  end: sessionProcedure
    .meta(
      rest('DELETE', '/me/sessions/{id}', {
        summary: 'End one of my sessions',
        description: 'Ends a session of the account, which may be the one that the access token belongs to.',
        errors: ['not_found'],
        examples: { path: { id: SESSION_EXAMPLE.id }, response: { success: 'Session ended.' } },
      }),
    )
    .input(parameters({ id: uuid('id') }))
    .output(success('Session ended.'))
    .mutation(async ({ ctx, input }) => {
      await endOwnSession(ctx.core, ctx.claims, input.id, ctx.origin)
      return { success: 'Session ended.' as const }
    }),

  endOthers: sessionProcedure
    .meta(
      rest('POST', '/me/end-other-sessions', {
        summary: 'End my other sessions',
        description: 'Ends every session of the account but the one that the access token belongs to.',
        examples: { response: { ended: 2 } },
      }),
    )
    .output(endedSchema)
    .mutation(async ({ ctx }) => ({ ended: await endOtherSessions(ctx.core, ctx.claims, ctx.origin) })),
})
