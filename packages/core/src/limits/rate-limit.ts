import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/**
 * One counter that all instances share, in the window that runs: it is made, and its points are taken, by the function
 * `rate_limit_take` of the migration.
 */
export const RateLimit = defineEntity({
  name: 'RateLimit',
  tableName: 'rate_limit',
  properties: {
    /** What is counted and by what: no e-mail address, of which there is only a MAC. */
    key: p.text().primary(),
    points: p.integer(),
    /** When its window ends; from then on the row means nothing. */
    expiresAt: p.datetime(),
    /** When somebody who was told to wait may come, which is what such a row is for. */
    opensAt: p.datetime().nullable(),
  },
})

/** A row of {@link RateLimit}. */
export type RateLimit = InferEntity<typeof RateLimit>
