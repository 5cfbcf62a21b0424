import { Migration } from '@mikro-orm/migrations'

/**
 * What operators need: settings that live, admins, an audit by month, instances, statistics.
 * The version before runs on it too: every table and column that it uses is still there under its name.
 */
export class Operators extends Migration {
  override up(): void {
    this.#accounts()
    this.#sessions()
    this.#audit()
    this.#settings()
    this.#instances()
  }

  #accounts(): void {
    this.addSql('alter table account add column password_change_required boolean not null default false')
    this.addSql('create index account_created_at_index on account (created_at desc, id desc)')
    this.addSql('create index account_email_index on account (email_normal collate "C")')
    this.addSql('create index account_username_index on account ((lower(username) collate "C"), id)')
    this.addSql(`
      create index account_domain_index
          on account ((split_part(email_normal, '@', 2) collate "C"), created_at desc, id desc)`)
    this.addSql(`create index account_admin_index on account (created_at desc, id desc) where role = 'admin'`)
    this.addSql('create index account_disabled_index on account (created_at desc, id desc) where not active')
    this.addSql('create table setup_link (token_mac bytea primary key, expires_at timestamptz not null)')
  }

  #sessions(): void {
    this.addSql(`
      alter table session
        add column address text null, add column user_agent text null, add column last_address text null,
        add column restored boolean not null default false`)
    this.addSql('drop index session_account_id_index')
    this.addSql('create index session_account_id_index on session (account_id, created_at desc, id desc)')
    this.addSql('create index session_created_at_index on session (created_at desc, id desc)')
    this.addSql('create index session_account_live_index on session (account_id) where ended_at is null')
    this.addSql('create index session_live_index on session (created_at desc, id desc) where ended_at is null')
    this.addSql('create index session_ended_index on session (created_at desc, id desc) where ended_at is not null')
    this.addSql(`
      create index session_replayed_index on session (created_at desc, id desc) where end_reason = 'replayed'`)
  }

  /** A table cannot become a partitioned one: it is made anew, under its name, with what was in it. */
  #audit(): void {
    this.addSql('alter table audit_event rename to audit_event_before')
    this.addSql('alter index audit_event_pkey rename to audit_event_before_pkey')
    this.addSql('alter sequence audit_event_id_seq owned by none')
    this.addSql(`
      create table audit_event (
        id bigint not null default nextval('audit_event_id_seq'),
        at timestamptz not null,
        name text not null,
        account_id int null,
        session_id uuid null,
        actor text not null default 'anyone',
        actor_id int null,
        actor_session_id uuid null,
        address text null,
        user_agent text null,
        request_id text null,
        details jsonb null,
        constraint audit_event_pkey primary key (id, at),
        constraint audit_event_actor_check check (actor in ('owner', 'admin', 'command', 'system', 'anyone')))
      partition by range (at)`)
    this.addSql('alter sequence audit_event_id_seq owned by audit_event.id')
    this.addSql('create table audit_event_other partition of audit_event default')
    // Months are made ahead by whoever serves; the first ones here, so that none is needed to begin with.
    this.addSql(`
      do $$
      declare first timestamptz := date_trunc('month', now() at time zone 'utc') at time zone 'utc';
      begin
        for month in 0..2 loop
          execute format('create table %I partition of audit_event for values from (%L) to (%L)',
            'audit_event_' || to_char((first at time zone 'utc') + make_interval(months => month), 'YYYY_MM'),
            ((first at time zone 'utc') + make_interval(months => month)) at time zone 'utc',
            ((first at time zone 'utc') + make_interval(months => month + 1)) at time zone 'utc');
        end loop;
      end $$`)
    this.addSql(`
      insert into audit_event (id, at, name, account_id, session_id)
      select id, at, name, account_id, session_id from audit_event_before`)
    this.addSql('drop table audit_event_before')
    this.addSql('create index audit_event_at_index on audit_event (at desc, id desc)')
    this.addSql('create index audit_event_name_index on audit_event (name, at desc, id desc)')
    // With the name at the end: of an account or address with very many events, those of one name are found in the index.
    this.addSql('create index audit_event_account_id_index on audit_event (account_id, at desc, id desc, name)')
    this.addSql(`
      create index audit_event_actor_id_index on audit_event (actor_id, at desc, id desc) where actor = 'admin'`)
    this.addSql(`
      create index audit_event_address_index on audit_event (address, at desc, id desc, name) where address is not null`)
  }

  #settings(): void {
    this.addSql(`
      create table settings_revision (
        number int primary key,
        at timestamptz not null,
        kind text not null,
        actor text not null,
        actor_id int null,
        reason text not null default '',
        restores int null,
        changes jsonb not null,
        stored jsonb not null,
        constraint settings_revision_kind_check check (kind in ('change', 'rollback', 'override_ended')))`)
  }

  #instances(): void {
    this.addSql(`
      create table instance (
        id uuid primary key,
        name text not null,
        version text not null,
        started_at timestamptz not null,
        seen_at timestamptz not null,
        revision int not null,
        refreshes_per_second double precision not null)
      with (fillfactor = 50)`)
    this.addSql(`
      create table statistic (
        hour timestamptz not null,
        name text not null,
        bucket smallint not null,
        count bigint not null,
        primary key (hour, name, bucket))
      with (fillfactor = 50)`)
  }
}
