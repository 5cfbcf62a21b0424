import type { Session, SessionEvent, SessionListener } from './session.ts'

/** Those who hear of what happens to the session. */
export interface Events {
  on: (listener: SessionListener) => () => void
  emit(event: SessionEvent, session: Session | null): void
}

/**
 * Tells listeners, each of them first `INITIAL_SESSION`, when the storage was read. They are called when all that runs
 * has been done: a listener may call the client and wait, and one that throws harms neither a call nor another listener.
 */
export function createEvents(ready: Promise<Session | null>, session: () => Session | null): Events {
  const listeners = new Map<object, { listener: SessionListener; isInformed: boolean }>()

  const tell = (id: object, event: SessionEvent, of: () => Session | null) =>
    queueMicrotask(() => {
      const entry = listeners.get(id)
      if (entry === undefined) return
      entry.isInformed = true
      // An async function: what it throws and what it rejects with are one. Unheard, either would end a process of Node.
      const called = async () => await entry.listener(event, of())
      // oxlint-disable-next-line eslint/no-console -- it is the app's, and nobody else can tell it
      called().catch((error: unknown) => console.error('A listener of the session failed.', error))
    })

  return {
    on(listener) {
      const id = {}
      listeners.set(id, { listener, isInformed: false })
      void ready.then(() => tell(id, 'INITIAL_SESSION', session))
      return () => void listeners.delete(id)
    },
    emit(event, of) {
      for (const [id, { isInformed }] of listeners) if (isInformed) tell(id, event, () => of)
    },
  }
}
