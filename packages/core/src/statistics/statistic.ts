import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** How often something happened in one hour, summed over all instances. */
export const Statistic = defineEntity({
  name: 'Statistic',
  tableName: 'statistic',
  properties: {
    /** The beginning of the hour. */
    hour: p.datetime().primary(),
    /** What was counted: `refreshes`, or the route whose answers were timed. */
    name: p.text().primary(),
    /** With a route: which time the answers took, as the place in the list of bounds; else 0. */
    bucket: p.smallint().primary(),
    count: p.bigint('number'),
  },
})

/** A row of {@link Statistic}. */
export type Statistic = InferEntity<typeof Statistic>
