import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** One running process and what it last said of itself: its heartbeat. */
export const Instance = defineEntity({
  name: 'Instance',
  tableName: 'instance',
  properties: {
    /** Made at each start. */
    id: p.uuid().primary(),
    /** For people: the host's name and the port, or what `LATCHKEY_INSTANCE_NAME` says. */
    name: p.text(),
    version: p.text(),
    startedAt: p.datetime(),
    seenAt: p.datetime(),
    /** The revision of the settings that is in force there. */
    revision: p.integer(),
    refreshesPerSecond: p.double(),
    /** Names the root secret that it has, and the one before if it was given that, too. */
    keyId: p.integer().nullable(),
    previousKeyId: p.integer().nullable(),
  },
})

/** A row of {@link Instance}. */
export type Instance = InferEntity<typeof Instance>
