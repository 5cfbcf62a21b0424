/** Why a backup cannot be restored. */
export type UnfitReason = 'not_a_backup' | 'damaged' | 'other_format' | 'wrong_secret' | 'other_schema' | 'not_empty'

/** A backup that must not be restored here. Nothing was changed; the message says why, and what to do. */
export class UnfitBackupError extends Error {
  override readonly name = 'UnfitBackupError'
  readonly reason: UnfitReason

  constructor(reason: UnfitReason, message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}
