import type { TRPCClient } from '@trpc/client'
import type { Environment } from './environment.ts'
import type {
  AppRouter,
  Credentials,
  Me,
  MeChange,
  OwnSession,
  PasswordChange,
  Registered,
  Registration,
} from './router.ts'
import type { Safe } from './safe.ts'
import type { Session, SessionListener } from './session.ts'
import type { TokenStorage } from './token-storage.ts'

/** What {@link createLatchkeyClient} needs. */
export interface LatchkeyClientOptions {
  /** Where the server is: `https://auth.example.com`. */
  url: string
  /** Where the session is kept. In a browser `localStorage` by default, shared by all tabs; elsewhere memory. */
  storage?: 'memory' | 'localStorage' | 'sessionStorage' | TokenStorage
  /** Under which name; `latchkey:` and the URL by default. Two clients of one server in one storage need two. */
  storageKey?: string
  /** Another `fetch` than the platform's. */
  fetch?: typeof globalThis.fetch
  /** What goes along with each request to the server. */
  headers?: Record<string, string>
  /** Parts of the runtime to replace: for tests, and for runtimes that we do not know. */
  environment?: Partial<Environment>
}

/** How one call is made. */
export interface CallOptions {
  /** Ends the wait: the call then fails with `aborted`, or with `timeout` by `AbortSignal.timeout()`. */
  signal?: AbortSignal
}

/** The calls of {@link Latchkey} that may fail: each with a {@link LatchkeyError}, and with nothing else. */
export interface LatchkeyCalls {
  /** Makes an account; it does not log in. */
  register: (input: Registration, options?: CallOptions) => Promise<Registered>
  /** Begins a session, in every tab. It replaces the one that is there, which ends. */
  login: (input: Credentials, options?: CallOptions) => Promise<Session>
  /** Reads the account. */
  me: (options?: CallOptions) => Promise<Me>
  /** Changes username, e-mail address or both, and gives the whole account. */
  updateMe: (input: MeChange, options?: CallOptions) => Promise<Me>
  /** Changes the password. All other sessions of the account end; this one goes on. */
  changePassword: (input: PasswordChange, options?: CallOptions) => Promise<void>
  /** Deletes the account for good, which signs out everywhere. */
  deleteMe: (input: { password: string }, options?: CallOptions) => Promise<void>
  /** Where the account is logged in. */
  sessions: {
    /** Every session that lives, the newest first. */
    list: (options?: CallOptions) => Promise<OwnSession[]>
    /** Ends one by its `id`; with the id of this one, it signs out. */
    end: (id: string, options?: CallOptions) => Promise<void>
    /** Ends all but this one, and says how many. */
    endOthers: (options?: CallOptions) => Promise<number>
  }
  /** A fresh access token to send elsewhere; null when nobody is signed in. Ask for it each time: it lives for seconds. */
  accessToken: () => Promise<string | null>
  /** Every procedure of the server, as tRPC gives it, refreshed and retried like all else. */
  api: TRPCClient<AppRouter>
}

/** A client of one server, with one session or none. Its methods need no `this`. */
export interface Latchkey extends LatchkeyCalls {
  /**
   * `fetch` with the access token, for the app's own services. When one answers 401 the token is refreshed and the
   * request sent once more. Who gets the token can act as the user: call nobody with it whom you do not trust.
   *
   * It fails as `fetch` does; only when no fresh token can be had, it fails with a {@link LatchkeyError}.
   */
  fetch: typeof globalThis.fetch
  /**
   * Ends the session: at once here and in every tab, then on the server, as far as it can be reached. It never fails.
   */
  logout: () => Promise<void>
  /** The session of the moment: null when nobody is signed in, undefined until the storage was read. */
  session: () => Session | null | undefined
  /** Waits until the storage was read, and gives the session. */
  ready: () => Promise<Session | null>
  /** Hears of each change until what it gives is called. */
  on: (listener: SessionListener) => () => void
  /** The same calls, but none throws: each gives `{ data, error }`, of which one is null. */
  safe: Safe<LatchkeyCalls>
  /** Stops timers and listeners. The session stays where it is kept. */
  close: () => void
}
