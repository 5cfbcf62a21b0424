/** A note of one user. */
export interface Note {
  id: string
  text: string
  /** ISO 8601. */
  written_at: string
}

/** Characters of one note, and notes of one user. */
export const TEXT_MAX = 500
const NOTES_MAX = 100

/** The notes of all users. */
export interface Notes {
  /** Those of one user, the newest first. */
  of(userId: number): Note[]
  add(userId: number, text: string): Note
  remove(userId: number, id: string): void
}

/** Keeps notes in memory: they are gone when the process ends. A real service has a table here, with `user_id` in it. */
export function createNotes(): Notes {
  const byUser = new Map<number, Note[]>()
  const of = (userId: number) => byUser.get(userId) ?? []
  return {
    of,
    add(userId, text) {
      const note = { id: crypto.randomUUID(), text, written_at: new Date().toISOString() }
      byUser.set(userId, [note, ...of(userId)].slice(0, NOTES_MAX))
      return note
    },
    remove(userId, id) {
      byUser.set(
        userId,
        of(userId).filter((note) => note.id !== id),
      )
    },
  }
}
