/** How a check came out: `note` is worth knowing, `warning` should be mended, with `failure` it does not work. */
export type Outcome = 'ok' | 'note' | 'warning' | 'failure'

/** What a check has found. */
export interface Finding {
  /** What was looked at. */
  check: string
  outcome: Outcome
  /** What there is, in a sentence. */
  says: string
  /** What to do about it. */
  remedy?: string
}

/** Makes the findings of one check. */
export const checkOf = (check: string) => ({
  ok: (says: string): Finding => ({ check, outcome: 'ok', says }),
  note: (says: string, remedy: string): Finding => ({ check, outcome: 'note', says, remedy }),
  warning: (says: string, remedy: string): Finding => ({ check, outcome: 'warning', says, remedy }),
  failure: (says: string, remedy: string): Finding => ({ check, outcome: 'failure', says, remedy }),
})
