'use client'
import { useEffect } from 'react'
import type { Me } from '../router.ts'
import { useProvided } from './latchkey-provider.tsx'
import { useSession } from './use-session.ts'

/**
 * The account that is signed in, with its e-mail address: null when nobody is, undefined until it is known. It is read
 * once, for all components; where it could not be read, again with the next tokens.
 */
export function useUser(): Me | null | undefined {
  const { client, readUser } = useProvided()
  const session = useSession()
  const isMissing = session?.user === null
  const sessionId = session?.id

  useEffect(() => {
    if (!isMissing) return undefined
    readUser()
    return client.on((event) => {
      if (event === 'TOKEN_REFRESHED') readUser()
    })
    // Another session has another account.
  }, [client, readUser, isMissing, sessionId])

  return session && (session.user ?? undefined)
}
