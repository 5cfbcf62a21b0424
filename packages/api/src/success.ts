import { z } from 'zod'

/** The answer of what has nothing else to say: a sentence for people, always the same. */
export function success<const Sentence extends string>(sentence: Sentence) {
  return z.object({ success: z.literal(sentence) })
}

/** The answer of what ends sessions: how many. */
export const endedSchema = z
  .object({ ended: z.int().min(0).meta({ description: 'How many sessions have ended.' }) })
  .meta({ id: 'EndedSessions' })
