import { Migration } from '@mikro-orm/migrations'

/**
 * What the lengths of the phases of a signing key follow from, once the settings have changed. The version before runs on
 * it too: it does not know of them.
 */
export class KeyRotation extends Migration {
  override up(): void {
    this.addSql(`
      alter table signing_key
        add column lifetime_max int not null default 0,
        add column max_age_max int not null default 0`)
    // Nobody knows any more what a key of before has signed: no access token can have lived longer than a day. The JWKS
    // said five minutes.
    this.addSql('update signing_key set lifetime_max = 86400, max_age_max = 300')
  }
}
