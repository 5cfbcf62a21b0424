/** Every audit event there is: its name, and what it says happened. Docs and console are drawn from it. */
export const AUDIT_EVENTS = {
  'user.registered': 'Somebody registered an account.',
  'user.created': 'An admin or a command made an account.',
  'user.login.succeeded': 'A session was opened with e-mail and password.',
  'user.login.failed': 'A login was refused: unknown account, wrong password, or a disabled account.',
  'user.logged_out': 'A session was ended by its own refresh token.',
  'user.updated': 'The username or the e-mail address of an account was changed.',
  'user.role.changed': 'An account was made an admin, or is one no more; its sessions ended.',
  'user.password.changed': 'An owner changed the password; the other sessions ended.',
  'user.password.set': 'An admin or a command gave an account a new password; its sessions ended.',
  'user.disabled': 'An account was disabled; its sessions ended.',
  'user.enabled': 'A disabled account may log in again.',
  'user.deleted': 'An account was deleted, with its sessions.',
  'user.signed_out': 'All sessions of an account were ended, or all but the one that asked.',
  'session.ended': 'One session was ended by its owner, an admin or a command.',
  'session.replayed': 'An old refresh token came back, and its session ended (RFC 9700, 4.14).',
  'settings.changed': 'A revision of the settings was saved.',
  'settings.rolled_back': 'A revision was saved that brings back an earlier one.',
  'settings.override.ended': 'A timed override ran out, and the value before came back.',
  'signing_key.rotated': 'It was decided when the next signing key takes over.',
  'signing_key.compromised': 'A signing key was stopped at once: no token of it is accepted any more.',
  'signing_keys.resealed': 'The signing keys were sealed anew, under another root secret.',
  'setup_link.created': 'A start made a link by which the first admin can be made.',
  'database.backed_up': 'A backup was written.',
  'database.restored': 'A backup was restored.',
} as const satisfies Record<string, string>

/** The name of an audit event. */
export type AuditEventName = keyof typeof AUDIT_EVENTS

/** All names, in the order of the table. */
export const AUDIT_EVENT_NAMES = Object.keys(AUDIT_EVENTS) as AuditEventName[]
