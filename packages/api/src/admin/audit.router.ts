import { AUDIT_EVENT_NAMES, listAuditEvents, showAuditEvent } from '@latchkey/core'
import { z } from 'zod'
import { userId, cursor, integer, limit, oneOf, optional, parameters, text, time } from '../fields.ts'
import { rest } from '../operation.ts'
import { instant, pageOf } from '../page.ts'
import { adminProcedure, router } from '../trpc.ts'
import * as wire from '../wire.ts'

const eventSchema = z
  .object({
    id: z.int().min(1),
    at: instant,
    name: z.string().meta({ description: 'What happened.', examples: ['user.login.succeeded'] }),
    user_id: z.int().nullable().meta({ description: 'Whom it concerns.' }),
    email: z.string().nullable().meta({ description: 'The address of that user now; null once it is deleted.' }),
    session_id: z.string().nullable().meta({ format: 'uuid' }),
    actor: z.string().meta({
      description: 'Who did it: `owner`, `admin`, `command`, `system` or `anyone`.',
      examples: ['admin'],
    }),
    actor_id: z.int().nullable().meta({ description: 'The user that did it, where it was one.' }),
    actor_email: z.string().nullable(),
    address: z.string().nullable().meta({ description: 'The IP address of the client.' }),
    user_agent: z.string().nullable(),
    request_id: z.string().nullable().meta({ description: 'Names the request in the log of the server.' }),
    details: z.unknown().meta({ description: 'What else there is to say, as JSON: what was changed, why.' }),
  })
  .meta({ id: 'AuditEvent' })

const EXAMPLE = {
  id: 4711,
  at: '2026-11-24T10:00:00.000Z',
  name: 'user.disabled',
  user_id: 7,
  email: 'user@example.com',
  session_id: null,
  actor: 'admin',
  actor_id: 1,
  actor_email: 'admin@example.com',
  address: '192.0.2.7',
  user_agent: 'curl/8.5.0',
  request_id: 'c8b3f0a4-5d5e-4c5e-9a0b-6a7c7f4f2f1d',
  details: null,
}

/** What has happened. Nobody can change it here. */
export const auditRouter = router({
  list: adminProcedure
    .meta(
      rest('GET', '/admin/audit', {
        summary: 'List audit events',
        description: 'Pages of what has happened, the newest first unless `order` says otherwise: all, or what fits.',
        examples: { response: { items: [EXAMPLE], next: null } },
      }),
    )
    .input(
      parameters({
        name: optional(oneOf('name', AUDIT_EVENT_NAMES).meta({ description: 'What happened.' })),
        user_id: optional(userId('user_id')),
        actor_id: optional(userId('actor_id')),
        address: optional(text('address', { max: 64 }).meta({ examples: ['192.0.2.7'] })),
        from: optional(time('from')),
        to: optional(time('to')),
        order: optional(oneOf('order', ['newest', 'oldest']).meta({ description: 'What comes first.' })),
        limit: optional(limit),
        cursor: optional(cursor),
      }),
    )
    .output(pageOf(eventSchema).meta({ id: 'AuditEvents' }))
    .query(async ({ ctx, input: { user_id: accountId, actor_id: actorId, ...filter } }) =>
      wire.page(await listAuditEvents(ctx.core, { ...filter, accountId, actorId }), wire.auditEvent),
    ),

  show: adminProcedure
    .meta(
      rest('GET', '/admin/audit/{id}', {
        summary: 'Show an audit event',
        description: 'One event, until its month is pruned.',
        errors: ['not_found'],
        examples: { path: { id: EXAMPLE.id }, response: EXAMPLE },
      }),
    )
    .input(parameters({ id: integer('id', { min: 1, max: Number.MAX_SAFE_INTEGER, example: EXAMPLE.id }) }))
    .output(eventSchema)
    .query(async ({ ctx, input }) => wire.auditEvent(await showAuditEvent(ctx.core, input.id))),
})
