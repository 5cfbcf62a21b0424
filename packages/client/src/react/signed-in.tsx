'use client'
import type { ReactNode } from 'react'
import { useSession } from './use-session.ts'

/** What is shown only in one state. */
export interface WhenProps {
  children: ReactNode
}

/** Shows its children to whoever is signed in. What it hides is still in the script: it guards nothing. */
export function SignedIn({ children }: WhenProps): ReactNode {
  return useSession() ? children : null
}

/** Shows its children when nobody is signed in. */
export function SignedOut({ children }: WhenProps): ReactNode {
  return useSession() === null ? children : null
}

/** Shows its children until it is known whether somebody is signed in: in pages from a server, and for a moment after. */
export function SessionLoading({ children }: WhenProps): ReactNode {
  return useSession() === undefined ? children : null
}
