import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** A link by which the first admin can be made, while there is none. The token itself is stored nowhere. */
export const SetupLink = defineEntity({
  name: 'SetupLink',
  tableName: 'setup_link',
  properties: {
    /** MAC(k_setup, token). */
    tokenMac: p.blob().primary().hidden(),
    expiresAt: p.datetime(),
  },
})

/** A row of {@link SetupLink}. */
export type SetupLink = InferEntity<typeof SetupLink>
