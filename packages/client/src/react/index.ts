export { LatchkeyProvider, type LatchkeyProviderProps, useLatchkey } from './latchkey-provider.tsx'
export { SessionLoading, SignedIn, SignedOut, type WhenProps } from './signed-in.tsx'
export { useSession } from './use-session.ts'
export { useUser } from './use-user.ts'
