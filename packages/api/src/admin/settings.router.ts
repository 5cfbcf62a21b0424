import {
  allowedFor,
  LatchkeyError,
  listSettings,
  previewSettings,
  rollbackSettings,
  saveSettings,
  settingsHistory,
  type SettingsInput,
} from '@latchkey/core'
import { body, cursor, limit, optional, parameters, revision, text } from '../fields.ts'
import { baseOf, etagOf } from '../if-match.ts'
import { rest } from '../operation.ts'
import { pageOf } from '../page.ts'
import { adminProcedure, router } from '../trpc.ts'
import * as wire from '../wire.ts'
import {
  changes,
  duration,
  previewSchema,
  reason,
  revisionSchema,
  savedSchema,
  settingsSchema,
} from './settings.schemas.ts'

const CHANGE_EXAMPLE = {
  name: 'ACCESS_TOKEN_LIFETIME',
  from: 30,
  to: 900,
  from_text: '30s',
  to_text: '15m',
  until: null,
}

const SAVED_EXAMPLE = { revision: 18, changes: [{ name: 'ACCESS_TOKEN_LIFETIME', from: 30, to: 900, until: null }] }

/** The live settings, and what becomes of them. */
export const settingsRouter = router({
  list: adminProcedure
    .meta(
      rest('GET', '/admin/settings', {
        summary: 'List settings',
        description:
          'Every setting: the value in force and where it comes from. Send the `ETag` back as `If-Match` when you change something.',
        revision: 'answered',
        examples: {
          response: {
            revision: 17,
            grace_seconds: 10,
            settings: [
              {
                name: 'ACCESS_TOKEN_LIFETIME',
                value: 30,
                text: '30s',
                source: 'default',
                locked: false,
                default: 30,
                default_text: '30s',
                allowed: allowedFor('ACCESS_TOKEN_LIFETIME'),
                unit: 'seconds',
                group: 'Tokens',
                help: 'How long an access token is accepted. It applies to tokens issued from then on.',
                min: 5,
                max: 86_400,
                until: null,
                ignored: null,
              },
            ],
          },
        },
      }),
    )
    .output(settingsSchema)
    .query(({ ctx }) => {
      const listed = wire.settings(listSettings(ctx.core))
      ctx.setHeader('ETag', etagOf(listed.revision))
      return listed
    }),

  preview: adminProcedure
    .meta(
      rest('POST', '/admin/settings/preview', {
        summary: 'Preview a change of settings',
        description:
          'Says what saving `changes`, or rolling back `to` a revision, would do, in figures from the database. Nothing is saved.',
        errors: ['not_found', 'revision_conflict'],
        examples: {
          request: { changes: { ACCESS_TOKEN_LIFETIME: '15m' } },
          response: {
            revision: 17,
            changes: [CHANGE_EXAMPLE],
            effects: [{ setting: 'ACCESS_TOKEN_LIFETIME', text: 'New access tokens only.', figures: {} }],
          },
        },
      }),
    )
    .input(
      body({
        changes: changes.optional(),
        to: revision('to').optional().meta({ description: 'Instead of `changes`: the revision to bring back.' }),
        revision: revision('revision').optional().meta({ description: 'The revision that you have seen.' }),
        for: duration.optional(),
      }),
    )
    .output(previewSchema)
    .mutation(async ({ ctx, input }) => wire.preview(await previewSettings(ctx.core, previewed(input)))),

  save: adminProcedure
    .meta(
      rest('PATCH', '/admin/settings', {
        summary: 'Save settings',
        description:
          'Saves one revision with all these changes, or none where they change nothing, if nobody has saved another one since the one that `If-Match` or `revision` names. It is in force on every instance within a second.',
        errors: ['revision_conflict'],
        revision: 'asked',
        examples: {
          request: { changes: { ACCESS_TOKEN_LIFETIME: '15m' }, revision: 17, reason: 'Longer tokens for the move' },
          response: SAVED_EXAMPLE,
        },
      }),
    )
    .input(
      body({
        changes,
        revision: revision('revision')
          .optional()
          .meta({ description: 'The revision that you have seen, where there is no `If-Match`.' }),
        reason: reason.optional(),
        for: duration.optional(),
      }),
    )
    .output(savedSchema)
    .mutation(async ({ ctx, input }) => {
      const base = baseOf(ctx.ifMatch, input.revision)
      const saved = wire.saved(await saveSettings(ctx.core, { ...settingsInput(input), base }, ctx.actor))
      ctx.setHeader('ETag', etagOf(saved.revision))
      return saved
    }),

  history: adminProcedure
    .meta(
      rest('GET', '/admin/settings/history', {
        summary: 'List revisions of the settings',
        description: 'Pages of revisions, the newest first: all, or those that changed one setting.',
        examples: {
          response: {
            items: [
              {
                number: 18,
                at: '2026-11-24T10:00:00.000Z',
                kind: 'change',
                actor: 'admin',
                actor_id: 1,
                actor_email: 'admin@example.com',
                reason: 'Longer tokens for the move',
                restores: null,
                changes: [CHANGE_EXAMPLE],
              },
            ],
            next: null,
          },
        },
      }),
    )
    .input(
      parameters({
        setting: optional(text('setting', { max: 100 }).meta({ examples: ['ACCESS_TOKEN_LIFETIME'] })),
        limit: optional(limit),
        cursor: optional(cursor),
      }),
    )
    .output(pageOf(revisionSchema).meta({ id: 'SettingsHistory' }))
    .query(async ({ ctx, input }) => wire.page(await settingsHistory(ctx.core, input), wire.revision)),

  rollback: adminProcedure
    .meta(
      rest('POST', '/admin/settings/rollback', {
        summary: 'Roll settings back',
        description:
          'Saves a new revision that brings back the values of an earlier one. Where they are in force already, none is made. Like any other save it needs `If-Match` or `revision`.',
        errors: ['not_found', 'revision_conflict'],
        revision: 'asked',
        examples: {
          request: { to: 16, revision: 17, reason: 'It was too long' },
          response: { ...SAVED_EXAMPLE, changes: [{ name: 'ACCESS_TOKEN_LIFETIME', from: 900, to: 30, until: null }] },
        },
      }),
    )
    .input(
      body({
        to: revision('to').meta({ description: 'The revision to bring back; 0 for the state before the first.' }),
        revision: revision('revision')
          .optional()
          .meta({ description: 'The revision that you have seen, where there is no `If-Match`.' }),
        reason: reason.optional(),
      }),
    )
    .output(savedSchema)
    .mutation(async ({ ctx, input }) => {
      const base = baseOf(ctx.ifMatch, input.revision)
      const saved = wire.saved(await rollbackSettings(ctx.core, { ...input, base }, ctx.actor))
      ctx.setHeader('ETag', etagOf(saved.revision))
      return saved
    }),
})

interface Given {
  changes?: Record<string, unknown> | undefined
  to?: number | undefined
  revision?: number | undefined
  reason?: string | undefined
  for?: number | undefined
}

function settingsInput({ changes: given = {}, reason: why, for: forSeconds }: Given): SettingsInput {
  return {
    changes: given,
    ...(why !== undefined && { reason: why }),
    ...(forSeconds !== undefined && { forSeconds }),
  }
}

/** Either changes or a revision to go back to: of both, or of neither, nobody knows what to show. */
function previewed(given: Given): SettingsInput | { to: number; base?: number } {
  if ((given.to === undefined) === (given.changes === undefined)) {
    throw new LatchkeyError('invalid_input', {
      fields: [
        { path: ['changes'], code: 'changes_missing', message: 'Name either `changes`, or a revision as `to`.' },
      ],
    })
  }
  const base = given.revision === undefined ? {} : { base: given.revision }
  return given.to === undefined ? { ...settingsInput(given), ...base } : { to: given.to, ...base }
}
