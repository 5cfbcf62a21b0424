export { bearerToken } from './access-tokens/bearer.ts'
export { checkAccessToken } from './access-tokens/check.ts'
export type { AccessClaims } from './access-tokens/claims.ts'
export { USERNAME_MAX_LENGTH } from './accounts/account.ts'
export { changeAccount } from './accounts/change.ts'
export { EMAIL_OCTETS_MAX, normalizeEmail } from './accounts/email.ts'
export { type Profile, readAccount } from './accounts/read.ts'
export { register } from './accounts/register.ts'
export { setPassword } from './accounts/set-password.ts'
export { type Admin, requireAdmin } from './admins/authorize.ts'
export { AUDIT_EVENT_NAMES, AUDIT_EVENTS, type AuditEventName } from './audit/events.ts'
export { type Actor, actorOf, COMMAND, NO_ORIGIN, type Origin, USER_AGENT_MAX_LENGTH } from './audit/origin.ts'
export { type Clock, systemClock } from './clock.ts'
export { type Core, type CoreOptions, createCore } from './core.ts'
export { type MigrationState, migrate, migrationStates, pendingMigrations } from './database/migrate.ts'
export { type Page, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from './database/page.ts'
export { ERRORS, type ErrorCode, type FieldError, LatchkeyError, type RevisionConflict } from './errors.ts'
export type { Log } from './log.ts'
export { PASSWORD_MAX_LENGTH } from './passwords/policy.ts'
export { type NotReady, prepare, readiness, UnfitDatabaseError } from './readiness.ts'
export { login } from './sessions/login.ts'
export { logout } from './sessions/logout.ts'
export type { TokenPair } from './sessions/pair.ts'
export { keepPruned } from './sessions/prune.ts'
export { refresh } from './sessions/refresh.ts'
export { rollbackSettings, type Saved, saveSettings } from './settings/change.ts'
export type { SettingSource } from './settings/effective.ts'
export { followSettings } from './settings/follow.ts'
export { type ChangeView, type RevisionView, settingsHistory } from './settings/history.ts'
export { listSettings, type SettingsView, type SettingView } from './settings/list.ts'
export type { SettingsInput } from './settings/plan.ts'
export { type Preview, previewSettings } from './settings/preview.ts'
export {
  isSettingName,
  REGISTRY,
  SETTING_NAMES,
  type SettingName,
  type SettingValue,
  type SettingValues,
} from './settings/registry.ts'
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
  switchOf,
} from './settings/text.ts'
export { listSigningKeys, readRing, type SigningKeyView } from './signing-keys/list.ts'
export { SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-keys/signing-key.ts'
