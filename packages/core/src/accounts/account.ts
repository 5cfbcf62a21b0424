import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** The most code points a username may have, in any script. */
export const USERNAME_MAX_LENGTH = 150

/** Who can log in. Ids count from 1 and are never used again; `user_id` is their name on the wire only. */
export const Account = defineEntity({
  name: 'Account',
  tableName: 'account',
  properties: {
    id: p.integer().primary().autoincrement(),
    /** As its owner typed it. */
    email: p.text(),
    /** The normal form (see `email.ts`), which is what may exist only once. */
    emailNormal: p.text().unique(),
    username: p.text().default(''),
    /** PHC string (argon2id). */
    passwordHash: p.text().hidden(),
    role: p.enum(['user', 'admin']).default('user'),
    /** A disabled account cannot log in or refresh. */
    active: p.boolean().default(true),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

/** A row of {@link Account}. */
export type Account = InferEntity<typeof Account>
