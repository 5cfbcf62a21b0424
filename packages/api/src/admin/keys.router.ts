import {
  compromiseKey,
  KEY_PHASES,
  listSigningKeys,
  REASON_MAX_LENGTH,
  rotateKeys,
  SIGNING_ALGORITHMS,
} from '@latchkey/core'
import { z } from 'zod'
import { body, optional, parameters, text, typeFault } from '../fields.ts'
import { rest } from '../operation.ts'
import { instant, listOf } from '../page.ts'
import { adminProcedure, router } from '../trpc.ts'
import * as wire from '../wire.ts'

const ID = 'wQ5pPoyXUeTzVnoWmLPYLJ0hzi8Lx0FJdrPUmZLyYhA'
const NEXT_ID = 'o0Yh0FJdrPUmZLyYhAwQ5pPoyXUeTzVnoWmLPYLJ0hz'

const keySchema = z
  .object({
    id: z.string().meta({ description: '`kid` in tokens and in the JWKS.' }),
    algorithm: z.enum(SIGNING_ALGORITHMS),
    phase: z.enum(KEY_PHASES).meta({
      description:
        '`next`: published, not signing yet. `active`: signs. `retiring`: published until its last token has run out.',
    }),
    created_at: instant.meta({ description: 'When it was made and published.' }),
    signs_from: instant.nullable().meta({ description: 'When it began to sign, or is expected to.' }),
    signs_until: instant
      .nullable()
      .meta({ description: 'When it stopped, or is expected to; null where nothing says.' }),
    published_until: instant
      .nullable()
      .meta({ description: 'Until when its tokens are accepted, as far as it is known.' }),
    decided: z.boolean().meta({
      description: 'Whether the moment of the next change is decided; else it follows from the settings.',
    }),
    sealed_under_previous: z.boolean().meta({
      description: 'Whether it is still sealed under another root secret than that of now: `latchkey keys reseal`.',
    }),
  })
  .meta({ id: 'SigningKey' })

const rotationSchema = z
  .object({
    from: z.string().meta({ description: 'The key that signs until then.' }),
    to: z.string().meta({ description: 'The key that takes over.' }),
    at: instant.meta({ description: 'The moment of the switch, the same on every instance.' }),
    published_until: instant.meta({ description: 'Until when tokens of the old key are accepted.' }),
    decided_before: z
      .boolean()
      .meta({ description: 'Whether the switch was decided before, and nothing was changed.' }),
    rehearsed: z.boolean().meta({ description: 'Whether it was only tried: all of it, and taken back.' }),
  })
  .meta({ id: 'KeyRotation' })

const compromiseSchema = z
  .object({
    id: z.string(),
    algorithm: z.enum(SIGNING_ALGORITHMS),
    phase: z.enum(KEY_PHASES).meta({ description: 'What the key was until then.' }),
    signing: z.string().meta({ description: 'The key that signs from now on.' }),
    sessions: z.int().nullable().meta({
      description:
        'Live sessions that may have held a token of it. They go on: their clients refresh. Null: too many to count.',
    }),
    believed_elsewhere_until: instant.meta({
      description: 'Until when other services may believe it: their copy of the JWKS runs out then.',
    }),
  })
  .meta({ id: 'KeyCompromise' })

const reason = optional(text('reason', { max: REASON_MAX_LENGTH })).meta({ description: 'For the audit.' })
const keyId = text('id', { max: 100 }).meta({ description: '`kid` of the key.' })

/** The keys that sign access tokens. */
export const keysRouter = router({
  list: adminProcedure
    .meta(
      rest('GET', '/admin/keys', {
        summary: 'List signing keys',
        description:
          'All keys that are published or sign, the newest first, with their phases in time. Nothing secret is in it.',
        examples: {
          response: {
            items: [
              {
                id: ID,
                algorithm: 'EdDSA',
                phase: 'active',
                created_at: '2026-11-24T10:00:00.000Z',
                signs_from: '2026-11-24T10:00:00.000Z',
                signs_until: '2027-02-22T10:00:00.000Z',
                published_until: '2027-02-22T10:01:35.000Z',
                decided: false,
                sealed_under_previous: false,
              },
            ],
          },
        },
      }),
    )
    .output(listOf(keySchema).meta({ id: 'SigningKeys' }))
    .query(async ({ ctx }) => ({ items: (await listSigningKeys(ctx.core)).map(wire.signingKey) })),

  rotate: adminProcedure
    .meta(
      rest('POST', '/admin/keys/rotate', {
        summary: 'Rotate the signing key',
        description:
          'Has the next key take over as soon as everybody who keeps to `Cache-Control` of the JWKS knows it: in five seconds, or `JWKS_MAX_AGE` after it was published. Nobody is logged out. With `rehearse` everything is done and taken back.',
        examples: {
          request: { rehearse: true, reason: 'Yearly drill' },
          response: {
            from: ID,
            to: NEXT_ID,
            at: '2026-11-24T10:00:05.000Z',
            published_until: '2026-11-24T10:01:40.000Z',
            decided_before: false,
            rehearsed: true,
          },
        },
      }),
    )
    .input(
      body({
        rehearse: optional(z.boolean({ error: ({ input }) => typeFault('rehearse', input, 'a boolean') })),
        reason,
      }),
    )
    .output(rotationSchema)
    .mutation(async ({ ctx, input }) => {
      const { rehearse = false } = input
      const rotation = await rotateKeys(ctx.core, { actor: ctx.actor, reason: input.reason, rehearse })
      return { ...wire.keyRotation(rotation), rehearsed: rehearse }
    }),

  compromise: adminProcedure
    .meta(
      rest('POST', '/admin/keys/{id}/compromise', {
        summary: 'Stop a compromised signing key',
        description:
          'Stops a key at once: no token of it is accepted any more, and the next key signs. No session ends, because refresh tokens do not depend on it.',
        errors: ['not_found'],
        examples: {
          path: { id: ID },
          request: { reason: 'Backup found on a public share' },
          response: {
            id: ID,
            algorithm: 'EdDSA',
            phase: 'active',
            signing: NEXT_ID,
            sessions: 412,
            believed_elsewhere_until: '2026-11-24T10:05:00.000Z',
          },
        },
      }),
    )
    .input(parameters({ id: keyId, reason }))
    .output(compromiseSchema)
    .mutation(async ({ ctx, input: { id, ...options } }) =>
      wire.keyCompromise(await compromiseKey(ctx.core, id, { actor: ctx.actor, ...options })),
    ),
})
