import { createVerifier, TokenError } from '@latchkey/verify'

const verifier = createVerifier({ issuer: 'http://localhost:8000' })

export async function greet(token: string): Promise<string> {
  try {
    const { user_id, username } = await verifier(token)
    return `Hello ${username || `user ${user_id}`}`
  } catch (error) {
    if (error instanceof TokenError) return `${error.status} ${error.code}`
    throw error
  }
}
