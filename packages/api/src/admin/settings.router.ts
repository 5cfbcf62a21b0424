import {
  LatchkeyError,
  listSettings,
  previewSettings,
  rollbackSettings,
  saveSettings,
  secondsOf,
  settingsHistory,
  type SettingsInput,
} from '@latchkey/core'
import { z } from 'zod'
import { body, cursor, fault, limit, optional, parameters, revision, text, typeFault } from '../fields.ts'
import { baseOf, etagOf } from '../if-match.ts'
import { rest } from '../operation.ts'
import { instant, pageOf } from '../page.ts'
import { adminProcedure, router } from '../trpc.ts'
import * as wire from '../wire.ts'

const REASON_MAX_LENGTH = 500
/** Longer than any text of a duration. */
const DURATION_MAX_LENGTH = 32

const value = z
  .union([z.boolean(), z.number(), z.string(), z.array(z.string())], {
    error: fault('setting_invalid', 'This can be the value of no setting.'),
  })
  .meta({ description: 'As JSON. Durations are in seconds.' })

const settingSchema = z
  .object({
    name: z.string(),
    value,
    text: z.string().meta({ description: 'The value for people.', examples: ['30s'] }),
    source: z.enum(['environment', 'override', 'revision', 'default']).meta({
      description: 'Where the value in force comes from. What the environment says cannot be changed here.',
    }),
    locked: z.boolean(),
    default: value,
    default_text: z.string(),
    allowed: z.string().meta({ description: 'What it may be, for people.' }),
    unit: z.string().nullable(),
    group: z.string(),
    help: z.string(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    until: instant.nullable().meta({ description: 'When an override ends by itself.' }),
    ignored: z.string().nullable().meta({ description: 'Why a value that was saved is not in force.' }),
  })
  .meta({ id: 'Setting' })

const settingsSchema = z
  .object({
    revision: z.int().min(0).meta({ description: 'The revision in force; 0 before the first. Also the `ETag`.' }),
    grace_seconds: z.number().meta({
      description: 'The grace in force: `REFRESH_GRACE`, or a third of `ACCESS_TOKEN_LIFETIME` if that is less.',
    }),
    settings: z.array(settingSchema),
  })
  .meta({ id: 'Settings' })

const until = instant.nullable().meta({ description: 'When the new value ends by itself.' })
const named = { name: z.string(), from: z.unknown(), to: z.unknown() }

const savedSchema = z
  .object({
    revision: z.int().min(0).meta({ description: 'The one that was made. Also the `ETag`.' }),
    changes: z.array(z.object({ ...named, until })),
  })
  .meta({ id: 'SavedSettings' })

const changeSchema = z
  .object({ ...named, from_text: z.string(), to_text: z.string(), until })
  .meta({ id: 'SettingChange' })

const previewSchema = z
  .object({
    revision: z.int().min(0).meta({ description: 'The revision that this was worked out on.' }),
    changes: z.array(changeSchema),
    effects: z.array(
      z.object({
        setting: z.string().nullable(),
        text: z.string(),
        figures: z.record(z.string(), z.number()).meta({ description: 'The figures in the text.' }),
      }),
    ),
  })
  .meta({ id: 'SettingsPreview' })

const revisionSchema = z
  .object({
    number: z.int().min(1),
    at: instant,
    kind: z.string().meta({ description: '`change`, `rollback` or `override_ended`.', examples: ['change'] }),
    actor: z.string().meta({ description: 'Who saved it: `admin`, `command` or `system`.', examples: ['admin'] }),
    actor_id: z.int().nullable(),
    actor_email: z.string().nullable(),
    reason: z.string(),
    restores: z.int().nullable().meta({ description: 'With a rollback: the revision that it brought back.' }),
    changes: z.array(changeSchema),
  })
  .meta({ id: 'SettingsRevision' })

const changes = z
  .record(z.string(), value.nullable(), {
    error: ({ input }) => typeFault('changes', input, 'an object: {"ACCESS_TOKEN_LIFETIME": "15m"}'),
  })
  .meta({
    description:
      'By the names of settings: a JSON value, or text as a person writes it (`15m`, `30d`, `PT30S`); null brings the default back.',
  })

const NOT_A_DURATION = fault('for_invalid', 'This must be a duration like `2h`, or seconds.')

const duration = z
  .union([z.string().max(DURATION_MAX_LENGTH, NOT_A_DURATION), z.int().min(1, NOT_A_DURATION)], {
    error: NOT_A_DURATION,
  })
  .meta({ description: 'After this the new values end by themselves: `2h`, `PT2H`, or seconds.', examples: ['2h'] })
  .transform((given, context) => {
    const seconds = typeof given === 'string' ? secondsOf(given) : given
    if (seconds !== undefined && seconds > 0) return seconds
    context.addIssue({ code: 'custom', message: NOT_A_DURATION })
    return z.NEVER
  })

const reason = text('reason', { max: REASON_MAX_LENGTH }).meta({
  description: 'Why, for the history.',
  examples: ['Shorter tokens while we look into it'],
})

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
                allowed: '5s to 1d',
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
          'Saves one revision with all these changes, if nobody has saved another one since the one that `If-Match` or `revision` names. It is in force on every instance within a second.',
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
          'Saves a new revision that brings back the values of an earlier one. Like any other it needs `If-Match` or `revision`.',
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
function previewed(given: Given): SettingsInput | { to: number } {
  if ((given.to === undefined) === (given.changes === undefined)) {
    throw new LatchkeyError('invalid_input', {
      fields: [
        { path: ['changes'], code: 'changes_missing', message: 'Name either `changes`, or a revision as `to`.' },
      ],
    })
  }
  if (given.to !== undefined) return { to: given.to }
  return { ...settingsInput(given), ...(given.revision !== undefined && { base: given.revision }) }
}
