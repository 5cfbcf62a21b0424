export { bearerToken } from './access-tokens/bearer.ts'
export { checkAccessToken } from './access-tokens/check.ts'
export type { AccessClaims } from './access-tokens/claims.ts'
export { type Role, USERNAME_MAX_LENGTH } from './accounts/account.ts'
export { changeAccount } from './accounts/change.ts'
export { changePassword } from './accounts/change-password.ts'
export { type AccountInput, createAccount } from './accounts/create.ts'
export { deleteAccount } from './accounts/delete.ts'
export { deleteOwnAccount } from './accounts/delete-own.ts'
export { disableAccount, enableAccount } from './accounts/disable.ts'
export { type AccountEdit, editAccount } from './accounts/edit.ts'
export { EMAIL_OCTETS_MAX, normalizeEmail } from './accounts/email.ts'
export { type AccountFilter, listAccounts } from './accounts/list.ts'
export { type Profile, readAccount } from './accounts/read.ts'
export { register } from './accounts/register.ts'
export { setPassword } from './accounts/set-password.ts'
export { showAccount } from './accounts/show.ts'
export { signOut } from './accounts/sign-out.ts'
export type { AccountView } from './accounts/view.ts'
export { type Admin, requireAdmin } from './admins/authorize.ts'
export { bootstrapAdmin } from './admins/bootstrap.ts'
export { createSetupLink, setUpAdmin } from './admins/setup.ts'
export { normalAddress } from './audit/address.ts'
export { AUDIT_EVENT_NAMES, AUDIT_EVENTS, type AuditEventName } from './audit/events.ts'
export { type Actor, actorOf, COMMAND, NO_ORIGIN, type Origin, USER_AGENT_MAX_LENGTH } from './audit/origin.ts'
export { type AuditEventView, type AuditFilter, listAuditEvents, showAuditEvent } from './audit/read.ts'
export { type BackupTable, type RowCounts } from './backup/format.ts'
export { type BackupSummary, restoreBackup, type RestoreOptions } from './backup/restore.ts'
export { UnfitBackupError, type UnfitReason } from './backup/unfit.ts'
export { type BackupOptions, writeBackup } from './backup/write.ts'
export { type Clock, systemClock } from './clock.ts'
export { type Core, type CoreOptions, createCore } from './core.ts'
export { type MigrationState, migrate, migrationStates, pendingMigrations } from './database/migrate.ts'
export { type Page, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from './database/page.ts'
export {
  type ContentFacts,
  contentFacts,
  EVENTS_COUNTED_MAX,
  executedMigrations,
  type ServerFacts,
  serverFacts,
} from './diagnosis/facts.ts'
export {
  ERRORS,
  type ErrorCode,
  type FieldError,
  LatchkeyError,
  type RevisionConflict,
  type SpentLimit,
} from './errors.ts'
export { type Heartbeat, startHeartbeat } from './instances/heartbeat.ts'
export { instancesWithoutSecret, type InstanceView, listInstances } from './instances/list.ts'
export type { Log } from './log.ts'
export { NOBODY, type Observer, type RefreshOutcome } from './observer.ts'
export { keepMaintained } from './maintenance.ts'
export { PASSWORD_MAX_LENGTH } from './passwords/policy.ts'
export { type NotReady, prepare, readiness, UnfitDatabaseError } from './readiness.ts'
export { countSessionsUnderOtherKeys } from './sessions/under-other-keys.ts'
export { endOtherSessions, endOwnSession, endSession } from './sessions/end.ts'
export { listOwnSessions, listSessions, type SessionFilter, type SessionView } from './sessions/list.ts'
export { login } from './sessions/login.ts'
export { logout } from './sessions/logout.ts'
export type { TokenPair } from './sessions/pair.ts'
export { refresh } from './sessions/refresh.ts'
export type { EndReason } from './sessions/session.ts'
export { rollbackSettings, type Saved, saveSettings } from './settings/change.ts'
export type { Effect } from './settings/effects.ts'
export { exportSettings } from './settings/export.ts'
export { followSettings, loadSettings } from './settings/follow.ts'
export { type ChangeView, type HistoryFilter, type RevisionView, settingsHistory } from './settings/history.ts'
export { listSettings, type SettingsView, type SettingView } from './settings/list.ts'
export type { EffectiveChange } from './settings/plan.ts'
export { type Preview, previewSettings } from './settings/preview.ts'
export {
  isSettingName,
  REGISTRY,
  SETTING_NAMES,
  type SettingName,
  type SettingValue,
  type SettingValues,
} from './settings/registry.ts'
export type { SettingSource } from './settings/resolve.ts'
export { RULES, type SettingRule } from './settings/rules.ts'
export type { SettingDefinition, Unit } from './settings/setting.ts'
export { brokenRules, defaultSettings } from './settings/snapshot.ts'
export {
  allowedFor,
  durationText,
  itemsOf,
  kindOf,
  parseSettingText,
  secondsOf,
  settingText,
  storedText,
  switchOf,
} from './settings/text.ts'
export { REASON_MAX_LENGTH, type SettingsInput } from './settings/wanted.ts'
export { type Compromise, compromiseKey } from './signing-keys/compromise.ts'
export { followKeys } from './signing-keys/follow.ts'
export { listSigningKeys, readRing, type SigningKeyView } from './signing-keys/list.ts'
export { resealKeys } from './signing-keys/reseal.ts'
export { rotateKeys, type Rotation } from './signing-keys/rotate.ts'
export { KEY_PHASES, SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-keys/signing-key.ts'
export { KEYS_CHANNEL } from './signing-keys/stored.ts'
export type { Counters } from './statistics/counters.ts'
export { type HourView, readStatistics, type RouteView, type Statistics } from './statistics/read.ts'
