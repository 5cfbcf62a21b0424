import { z } from 'zod'

/** A point in time, as answers have it. */
export const instant = z.string().meta({
  description: 'ISO 8601, in UTC.',
  format: 'date-time',
  examples: ['2026-11-24T10:00:00.000Z'],
})

/** One page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'The `cursor` of the next page; null on the last one.' }),
  })
}

/** A list that fits into one answer. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item) })
}
