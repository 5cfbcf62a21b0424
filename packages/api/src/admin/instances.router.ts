import { listInstances } from '@latchkey/core'
import { z } from 'zod'
import { rest } from '../operation.ts'
import { instant, listOf } from '../page.ts'
import { adminProcedure, router } from '../trpc.ts'
import * as wire from '../wire.ts'

const instanceSchema = z
  .object({
    id: z.string().meta({ format: 'uuid' }),
    name: z.string().meta({ description: 'What the operator calls it, or its host.' }),
    version: z.string(),
    started_at: instant,
    seen_at: instant.meta({ description: 'Its last sign of life; there is one every few seconds.' }),
    revision: z.int().min(0).meta({ description: 'The revision of the settings that is in force there.' }),
    refreshes_per_second: z.number().min(0),
    alive: z.boolean().meta({ description: 'Whether it was seen within the last seconds.' }),
  })
  .meta({ id: 'Instance' })

/** The processes that serve. */
export const instancesRouter = router({
  list: adminProcedure
    .meta(
      rest('GET', '/admin/instances', {
        summary: 'List instances',
        description:
          'Every process that serves on this database, and which revision of the settings is in force there.',
        examples: {
          response: {
            items: [
              {
                id: '0b0f4f6e-6f0e-4a43-9a3f-0f5a1f1c7d20',
                name: 'auth-1',
                version: '0.1.0',
                started_at: '2026-11-24T08:00:00.000Z',
                seen_at: '2026-11-24T10:14:30.000Z',
                revision: 17,
                refreshes_per_second: 41.5,
                alive: true,
              },
            ],
          },
        },
      }),
    )
    .output(listOf(instanceSchema).meta({ id: 'Instances' }))
    .query(async ({ ctx }) => ({ items: (await listInstances(ctx.core)).map(wire.instance) })),
})
