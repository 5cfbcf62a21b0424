import { z } from 'zod'
import { instant } from './page.ts'

const shape = {
  id: z.string().meta({ description: '`sid` in the access tokens of this session.', format: 'uuid' }),
  created_at: instant.meta({ description: 'The login.' }),
  last_used_at: instant.meta({ description: 'The last refresh, or the login.' }),
  expires_at: instant.meta({ description: 'When it runs out if it is not refreshed.' }),
  ends_by: instant.meta({ description: 'The absolute end, however often it is refreshed.' }),
  address: z.string().nullable().meta({ description: 'The IP address of the client at the login.' }),
  last_address: z.string().nullable().meta({ description: 'The same at the last refresh.' }),
  user_agent: z.string().nullable().meta({ description: 'The `User-Agent` at the login.' }),
  device: z
    .string()
    .nullable()
    .meta({
      description: 'What the `User-Agent` says, for people; null where it names no browser.',
      examples: ['Firefox 140 on Linux'],
    }),
}

/** A session of one's own. */
export const ownSessionSchema = z
  .object({
    ...shape,
    current: z.boolean().meta({ description: 'Whether the access token of this call belongs to it.' }),
  })
  .meta({ id: 'OwnSession' })

/** A session, for admins. */
export const sessionSchema = z
  .object({
    ...shape,
    user_id: z.int().min(1),
    email: z.string(),
    ended_at: instant.nullable().meta({ description: 'Null while it lives, and where it just ran out.' }),
    end_reason: z
      .string()
      .nullable()
      .meta({ description: 'Why it ended.', examples: ['logged_out', 'replayed'] }),
    generation: z.int().meta({ description: 'How often it was refreshed.' }),
    converged: z.int().meta({
      description: 'How often an old token came again within the grace and got the same successor.',
    }),
  })
  .meta({ id: 'Session' })

/** What both have, in the document. */
export const SESSION_EXAMPLE = {
  id: '7f3c2f0e-9d1b-4c37-8a5e-2b6f0c9d4e11',
  created_at: '2026-11-24T10:00:00.000Z',
  last_used_at: '2026-11-24T10:14:30.000Z',
  expires_at: '2026-12-24T10:14:30.000Z',
  ends_by: '2027-11-24T10:00:00.000Z',
  address: '192.0.2.7',
  last_address: '192.0.2.7',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  device: 'Firefox 140 on Linux',
}
