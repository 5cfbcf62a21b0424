import { REASON_MAX_LENGTH, secondsOf } from '@latchkey/core'
import { z } from 'zod'
import { fault, text, typeFault } from '../fields.ts'
import { instant } from '../page.ts'

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

/** All settings at one revision. */
export const settingsSchema = z
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

/** What a save has done. */
export const savedSchema = z
  .object({
    revision: z.int().min(0).meta({
      description: 'The one that was made, or the newest one where nothing was to be changed. Also the `ETag`.',
    }),
    changes: z.array(z.object({ ...named, until })),
  })
  .meta({ id: 'SavedSettings' })

const changeSchema = z
  .object({ ...named, from_text: z.string(), to_text: z.string(), until })
  .meta({ id: 'SettingChange' })

/** What a save would do. */
export const previewSchema = z
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

/** One revision in the history. */
export const revisionSchema = z
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

/** What somebody wants to be changed. */
export const changes = z
  .record(z.string(), value.nullable(), {
    error: ({ input }) => typeFault('changes', input, 'an object: {"ACCESS_TOKEN_LIFETIME": "15m"}'),
  })
  .meta({
    description:
      'By the names of settings: a JSON value, or text as a person writes it (`15m`, `30d`, `PT30S`); null brings the default back.',
  })

const NOT_A_DURATION = fault('for_invalid', 'This must be a duration like `2h`, or seconds.')

/** How long an override lasts; comes out in seconds. */
export const duration = z
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

/** Why somebody saves. */
export const reason = text('reason', { max: REASON_MAX_LENGTH }).meta({
  description: 'Why, for the history.',
  examples: ['Shorter tokens while we look into it'],
})
