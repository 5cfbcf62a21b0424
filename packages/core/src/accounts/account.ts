import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { indexesOn } from '../database/index-on.ts'

/** The most code points a username may have, in any script. */
export const USERNAME_MAX_LENGTH = 150

/** What an account may do: all that concerns itself, or everything. */
export type Role = 'user' | 'admin'

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
    /** An admin that was made with a password from outside changes it before anything else. */
    passwordChangeRequired: p.boolean().default(false),
  },
  // In pages: newest first, by e-mail, by name; byte order, so that "begins with" finds its place in them.
  indexes: indexesOn('account', {
    account_created_at_index: '(created_at desc, id desc)',
    account_email_index: '(email_normal collate "C")',
    account_username_index: '((lower(username) collate "C"), id)',
    account_domain_index: `((split_part(email_normal, '@', 2) collate "C"), created_at desc, id desc)`,
    account_admin_index: `(created_at desc, id desc) where role = 'admin'`,
    account_disabled_index: '(created_at desc, id desc) where not active',
  }),
})

/** A row of {@link Account}. */
export type Account = InferEntity<typeof Account>
