import type {
  AccountView,
  AuditEventView,
  Compromise,
  InstanceView,
  Page,
  Preview,
  RevisionView,
  Rotation,
  Saved,
  SessionView,
  SettingsView,
  SettingView,
  SigningKeyView,
  Statistics,
  TokenPair,
} from '@latchkey/core'
import { deviceOf } from './device.ts'

/** A pair of tokens in the contract's names, which are snake_case. */
export function tokenPair({ accessToken, refreshToken }: TokenPair) {
  return { access_token: accessToken, refresh_token: refreshToken }
}

/** A page, each of its rows converted. */
export function page<Row, Item>(
  { items, next }: Page<Row>,
  convert: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  return { items: items.map(convert), next: next ?? null }
}

/** An account, as admins see it. */
export function user(account: AccountView) {
  return {
    id: account.id,
    email: account.email,
    username: account.username,
    role: account.role,
    active: account.active,
    created_at: account.createdAt.toISOString(),
    password_change_required: account.passwordChangeRequired,
    live_sessions: account.liveSessions,
    last_seen_at: isoOrNull(account.lastSeenAt),
  }
}

/** A signing key, for admins. */
export function signingKey(view: SigningKeyView) {
  return {
    id: view.id,
    algorithm: view.algorithm,
    phase: view.phase,
    created_at: view.createdAt.toISOString(),
    signs_from: isoOrNull(view.signsFrom),
    signs_until: isoOrNull(view.signsUntil),
    published_until: isoOrNull(view.publishedUntil),
    decided: view.decided,
    sealed_under_previous: view.sealedUnderPrevious,
  }
}

/** A switch from one signing key to the next. */
export function keyRotation({ from, to, at, publishedUntil, decidedBefore }: Rotation) {
  return {
    from,
    to,
    at: at.toISOString(),
    published_until: publishedUntil.toISOString(),
    decided_before: decidedBefore,
  }
}

/** What stopping a signing key has ended. */
export function keyCompromise({ believedElsewhereUntil, ...compromise }: Compromise) {
  return { ...compromise, believed_elsewhere_until: believedElsewhereUntil.toISOString() }
}

/** A session, as its owner sees it. */
export function ownSession(view: SessionView) {
  return {
    id: view.id,
    created_at: view.createdAt.toISOString(),
    last_used_at: view.lastUsedAt.toISOString(),
    expires_at: view.expiresAt.toISOString(),
    ends_by: view.endsBy.toISOString(),
    address: view.address,
    last_address: view.lastAddress,
    user_agent: view.userAgent,
    device: deviceOf(view.userAgent),
    current: view.current ?? false,
  }
}

/** A session, as admins see it. */
export function session(view: SessionView) {
  const { current: _, ...shown } = ownSession(view)
  return {
    ...shown,
    user_id: view.accountId,
    email: view.email,
    ended_at: isoOrNull(view.endedAt),
    end_reason: view.endReason,
    generation: view.generation,
    converged: view.converged,
  }
}

/** All settings. */
export function settings(view: SettingsView) {
  return { revision: view.revision, grace_seconds: view.graceSeconds, settings: view.settings.map(setting) }
}

function setting(view: SettingView) {
  return {
    name: view.name,
    value: view.value,
    text: view.text,
    source: view.source,
    locked: view.locked,
    default: view.default,
    default_text: view.defaultText,
    allowed: view.allowed,
    unit: view.unit ?? null,
    group: view.group,
    help: view.help,
    min: view.min ?? null,
    max: view.max ?? null,
    until: isoOrNull(view.until),
    ignored: view.ignored ?? null,
  }
}

/** What a save has done. */
export function saved(done: Saved) {
  return {
    revision: done.revision,
    changes: done.changes.map(({ name, from, to, until }) => ({ name, from, to, until: isoOrNull(until) })),
  }
}

/** What a save would do. */
export function preview({ base, changes, effects }: Preview) {
  return {
    revision: base,
    changes: changes.map(change),
    effects: effects.map(({ setting: name, text, figures }) => ({ setting: name ?? null, text, figures })),
  }
}

/** A revision of the settings. */
export function revision(view: RevisionView) {
  return {
    number: view.number,
    at: view.at.toISOString(),
    kind: view.kind,
    actor: view.actor,
    actor_id: view.actorId,
    actor_email: view.actorEmail,
    reason: view.reason,
    restores: view.restores,
    changes: view.changes.map(change),
  }
}

function change({ name, from, to, fromText, toText, until }: RevisionView['changes'][number]) {
  return { name, from, to, from_text: fromText, to_text: toText, until: isoOrNull(until) }
}

/** An audit event. */
export function auditEvent(event: AuditEventView) {
  return {
    id: event.id,
    at: event.at.toISOString(),
    name: event.name,
    user_id: event.accountId,
    email: event.email,
    session_id: event.sessionId,
    actor: event.actor,
    actor_id: event.actorId,
    actor_email: event.actorEmail,
    address: event.address,
    user_agent: event.userAgent,
    request_id: event.requestId,
    details: event.details,
  }
}

/** Figures of the last hours. */
export function statistics({ liveSessions, accounts, countedAt, hours, routes }: Statistics) {
  return {
    live_sessions: liveSessions,
    users: accounts,
    counted_at: countedAt.toISOString(),
    hours: hours.map(({ hour, logins, loginsFailed, refreshes, registrations, replays }) => ({
      hour: hour.toISOString(),
      logins,
      logins_failed: loginsFailed,
      refreshes,
      registrations,
      replays,
    })),
    routes: routes.map(({ route, count, p50Ms, p95Ms, p99Ms }) => ({
      route,
      count,
      p50_ms: p50Ms,
      p95_ms: p95Ms,
      p99_ms: p99Ms,
    })),
  }
}

/** One process that serves. */
export function instance(view: InstanceView) {
  return {
    id: view.id,
    name: view.name,
    version: view.version,
    started_at: view.startedAt.toISOString(),
    seen_at: view.seenAt.toISOString(),
    revision: view.revision,
    refreshes_per_second: view.refreshesPerSecond,
    alive: view.alive,
  }
}

/** What is stored as JSON has its times as text already. */
function isoOrNull(time: Date | string | null | undefined): string | null {
  return typeof time === 'string' ? time : (time?.toISOString() ?? null)
}
