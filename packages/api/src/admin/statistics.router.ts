import { readStatistics } from '@latchkey/core'
import { z } from 'zod'
import { integer, optional, parameters } from '../fields.ts'
import { rest } from '../operation.ts'
import { instant } from '../page.ts'
import { adminProcedure, router } from '../trpc.ts'
import * as wire from '../wire.ts'

const HOURS_DEFAULT = 24
/** 90 days. */
const HOURS_MAX = 2160

const count = z.int().min(0)
const milliseconds = z.number().min(0)

const statisticsSchema = z
  .object({
    live_sessions: count.nullable().meta({ description: 'Null where there are too many to count in time.' }),
    users: count.nullable().meta({ description: 'All accounts; null where there are too many to count in time.' }),
    counted_at: instant.meta({ description: 'When these two were counted; they are kept for some seconds.' }),
    hours: z.array(
      z.object({
        hour: instant.meta({ description: 'Its beginning.' }),
        logins: count,
        logins_failed: count,
        refreshes: count,
        registrations: count,
        replays: count.meta({ description: 'Old refresh tokens that came back and ended their session.' }),
      }),
    ),
    routes: z.array(
      z.object({
        route: z.string().meta({ description: 'Method and path.' }),
        count,
        p50_ms: milliseconds.meta({ description: 'Half of the answers took no longer.' }),
        p95_ms: milliseconds,
        p99_ms: milliseconds,
      }),
    ),
  })
  .meta({ id: 'Statistics' })

/** Figures of all instances together. */
export const statisticsRouter = router({
  show: adminProcedure
    .meta(
      rest('GET', '/admin/statistics', {
        summary: 'Show statistics',
        description: 'What happened in each of the last hours, on all instances together, and how long routes took.',
        examples: {
          response: {
            live_sessions: 5120,
            users: 4711,
            counted_at: '2026-11-24T10:14:30.000Z',
            hours: [
              {
                hour: '2026-11-24T10:00:00.000Z',
                logins: 120,
                logins_failed: 7,
                refreshes: 147_000,
                registrations: 12,
                replays: 0,
              },
            ],
            routes: [{ route: 'POST /api/refresh', count: 147_000, p50_ms: 1, p95_ms: 2.5, p99_ms: 5 }],
          },
        },
      }),
    )
    .input(
      parameters({
        hours: optional(
          integer('hours', { min: 1, max: HOURS_MAX, example: HOURS_DEFAULT }).meta({
            description: `How many hours back; ${HOURS_DEFAULT} by default.`,
          }),
        ),
      }),
    )
    .output(statisticsSchema)
    .query(async ({ ctx, input: { hours = HOURS_DEFAULT } }) =>
      wire.statistics(await readStatistics(ctx.core, { hours })),
    ),
})
