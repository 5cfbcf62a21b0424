import {
  createAccount,
  deleteAccount,
  disableAccount,
  editAccount,
  enableAccount,
  listAccounts,
  setPassword,
  showAccount,
  signOut,
} from '@latchkey/core'
import { z } from 'zod'
import {
  userId,
  body,
  cursor,
  email,
  limit,
  oneOf,
  optional,
  parameters,
  password,
  text,
  time,
  username,
} from '../fields.ts'
import { rest } from '../operation.ts'
import { instant, pageOf } from '../page.ts'
import { endedSchema, success } from '../success.ts'
import { adminProcedure, router } from '../trpc.ts'
import * as wire from '../wire.ts'

const ROLES = ['user', 'admin'] as const

const userSchema = z
  .object({
    id: z.int().min(1),
    email: z.string(),
    username: z.string().meta({ description: 'Empty until it is set.' }),
    role: z.enum(ROLES),
    active: z.boolean().meta({ description: 'A disabled one can neither log in nor refresh.' }),
    created_at: instant,
    password_change_required: z.boolean().meta({
      description: 'Made with a password from outside; it is changed before anything else.',
    }),
    live_sessions: z.int().min(0),
    last_seen_at: instant.nullable().meta({ description: 'The last refresh or login that is still known.' }),
  })
  .meta({ id: 'User' })

const EXAMPLE = {
  id: 7,
  email: 'user@example.com',
  username: 'John Smith',
  role: 'user',
  active: true,
  created_at: '2026-11-24T10:00:00.000Z',
  password_change_required: false,
  live_sessions: 2,
  last_seen_at: '2026-11-24T10:14:30.000Z',
}

const role = oneOf('role', ROLES).meta({ description: 'An admin may do everything that is listed here.' })
const byId = parameters({ id: userId('id') })
const path = { id: EXAMPLE.id }

/** Accounts, by the name they have on the wire. */
export const usersRouter = router({
  list: adminProcedure
    .meta(
      rest('GET', '/admin/users', {
        summary: 'List users',
        description: 'Pages of users, the newest first or by e-mail address, all or those that fit.',
        examples: { response: { items: [EXAMPLE], next: null } },
      }),
    )
    .input(
      parameters({
        search: optional(
          text('search', { max: 254 }).meta({
            description: 'An id, the beginning of an e-mail address or a username, or `@` and a domain.',
            examples: ['john', '@example.com'],
          }),
        ),
        role: optional(oneOf('role', ROLES).meta({ description: 'Only those with this role.' })),
        state: optional(oneOf('state', ['active', 'disabled']).meta({ description: 'Only those in this state.' })),
        created_from: optional(time('created_from')),
        created_to: optional(time('created_to')),
        sort: optional(
          oneOf('sort', ['created', 'email']).meta({
            description: 'The newest first by default, or by e-mail address.',
          }),
        ),
        limit: optional(limit),
        cursor: optional(cursor),
      }),
    )
    .output(pageOf(userSchema).meta({ id: 'Users' }))
    .query(async ({ ctx, input: { created_from: createdFrom, created_to: createdTo, ...filter } }) =>
      wire.page(await listAccounts(ctx.core, { ...filter, createdFrom, createdTo }), wire.user),
    ),

  show: adminProcedure
    .meta(
      rest('GET', '/admin/users/{id}', {
        summary: 'Show a user',
        description: 'One user, with the count of its live sessions and when it was last seen.',
        errors: ['not_found'],
        examples: { path, response: EXAMPLE },
      }),
    )
    .input(byId)
    .output(userSchema)
    .query(async ({ ctx, input }) => wire.user(await showAccount(ctx.core, input.id))),

  create: adminProcedure
    .meta(
      rest('POST', '/admin/users', {
        summary: 'Create a user',
        description: 'Makes an account, also while registration is closed. The password has to meet the policy.',
        errors: ['email_taken', 'busy'],
        status: 201,
        examples: {
          request: { email: 'user@example.com', password: 'a long password of mine', username: 'John Smith' },
          response: { ...EXAMPLE, live_sessions: 0, last_seen_at: null },
        },
      }),
    )
    .input(body({ email, password, username: username.optional(), role: role.optional() }))
    .output(userSchema)
    .mutation(async ({ ctx, input }) => wire.user(await createAccount(ctx.core, input, ctx.actor))),

  update: adminProcedure
    .meta(
      rest('PATCH', '/admin/users/{id}', {
        summary: 'Change a user',
        description:
          'Changes what is given; what is absent stays. Another role ends all sessions of the user. The last admin stays one.',
        errors: ['not_found', 'email_taken', 'last_admin'],
        examples: { path, request: { username: 'John Smith', role: 'user' }, response: EXAMPLE },
      }),
    )
    .input(
      body({
        id: userId('id'),
        email: email.optional(),
        username: username.optional(),
        role: role.optional(),
      }),
    )
    .output(userSchema)
    .mutation(async ({ ctx, input: { id, ...change } }) =>
      wire.user(await editAccount(ctx.core, id, change, ctx.actor)),
    ),

  delete: adminProcedure
    .meta(
      rest('DELETE', '/admin/users/{id}', {
        summary: 'Delete a user',
        description:
          'Deletes the account for good, with its sessions. What the audit log says of it stays. Your own is deleted by its password: `POST /api/me/delete/`.',
        errors: ['not_found'],
        examples: { path, response: { success: 'User deleted.' } },
      }),
    )
    .input(byId)
    .output(success('User deleted.'))
    .mutation(async ({ ctx, input }) => {
      await deleteAccount(ctx.core, input.id, ctx.actor)
      return { success: 'User deleted.' as const }
    }),

  disable: adminProcedure
    .meta(
      rest('POST', '/admin/users/{id}/disable', {
        summary: 'Disable a user',
        description: 'The user can neither log in nor refresh any more, and all its sessions end.',
        errors: ['not_found', 'last_admin'],
        examples: { path, response: { success: 'User disabled.' } },
      }),
    )
    .input(byId)
    .output(success('User disabled.'))
    .mutation(async ({ ctx, input }) => {
      await disableAccount(ctx.core, input.id, ctx.actor)
      return { success: 'User disabled.' as const }
    }),

  enable: adminProcedure
    .meta(
      rest('POST', '/admin/users/{id}/enable', {
        summary: 'Enable a user',
        description: 'The user may log in again. Sessions that have ended stay so.',
        errors: ['not_found'],
        examples: { path, response: { success: 'User enabled.' } },
      }),
    )
    .input(byId)
    .output(success('User enabled.'))
    .mutation(async ({ ctx, input }) => {
      await enableAccount(ctx.core, input.id, ctx.actor)
      return { success: 'User enabled.' as const }
    }),

  setPassword: adminProcedure
    .meta(
      rest('POST', '/admin/users/{id}/password', {
        summary: 'Set the password of a user',
        description:
          'Gives the user a new password, which has to meet the policy, and ends all its sessions. Your own is changed by the old one: `POST /api/me/password/`.',
        errors: ['not_found', 'busy'],
        examples: {
          path,
          request: { password: 'a long password of mine' },
          response: { success: 'Password set.' },
        },
      }),
    )
    .input(body({ id: userId('id'), password }))
    .output(success('Password set.'))
    .mutation(async ({ ctx, input }) => {
      await setPassword(ctx.core, input.id, input.password, ctx.actor)
      return { success: 'Password set.' as const }
    }),

  signOut: adminProcedure
    .meta(
      rest('POST', '/admin/users/{id}/sign-out', {
        summary: 'Sign a user out',
        description: 'Ends all sessions of the user.',
        errors: ['not_found'],
        examples: { path, response: { ended: 2 } },
      }),
    )
    .input(byId)
    .output(endedSchema)
    .mutation(async ({ ctx, input }) => ({ ended: await signOut(ctx.core, input.id, ctx.actor) })),
})
