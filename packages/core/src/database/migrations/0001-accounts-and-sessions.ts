import { Migration } from '@mikro-orm/migrations'

/** The first schema: accounts, sessions, signing keys, audit. */
export class AccountsAndSessions extends Migration {
  override up(): void {
    this.addSql(`
      create table account (
        id serial primary key,
        email text not null,
        email_normal text not null,
        username text not null default '',
        password_hash text not null,
        role text not null default 'user',
        active boolean not null default true,
        created_at timestamptz not null default now(),
        constraint account_email_normal_unique unique (email_normal),
        constraint account_role_check check (role in ('user', 'admin')))`)
    this.addSql(`
      create table session (
        id uuid primary key,
        account_id int not null,
        key_id int not null,
        created_at timestamptz not null,
        ends_by timestamptz not null,
        selector_mac bytea not null,
        ended_at timestamptz null,
        end_reason text null,
        token_mac bytea not null,
        parent_mac bytea null,
        grandparent_mac bytea null,
        successor_salt bytea null,
        rotated_at timestamptz not null,
        parent_rotated_at timestamptz null,
        expires_at timestamptz not null,
        generation int not null default 0,
        converged int not null default 0,
        constraint session_selector_mac_unique unique (selector_mac),
        constraint session_account_id_foreign foreign key (account_id) references account (id) on delete cascade)
      with (fillfactor = 30)`)
    this.addSql('create index session_account_id_index on session (account_id)')
    this.addSql(`
      create table signing_key (
        id text primary key,
        algorithm text not null,
        phase text not null,
        public_jwk jsonb null,
        sealed bytea not null,
        key_id int not null,
        created_at timestamptz not null default now(),
        activated_at timestamptz null,
        retired_at timestamptz null,
        constraint signing_key_algorithm_check check (algorithm in ('EdDSA', 'ES256', 'RS256', 'HS256')),
        constraint signing_key_phase_check check (phase in ('next', 'active', 'retiring')))`)
    this.addSql(`
      create table audit_event (
        id bigserial primary key,
        at timestamptz not null,
        name text not null,
        account_id int null,
        session_id uuid null)`)
    this.addSql('create index audit_event_at_index on audit_event (at)')
  }
}
