import { Migration } from '@mikro-orm/migrations'

/**
 * Which root secrets an instance knows. The version before runs on it too: of its instances nobody knows it, so they count as
 * knowing only what was there before.
 */
export class KnownSecrets extends Migration {
  override up(): void {
    this.addSql('alter table instance add column key_id int null, add column previous_key_id int null')
  }
}
