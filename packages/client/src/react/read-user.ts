import type { Latchkey } from '../latchkey.ts'

/** Reads the account of the session, for all who ask at once. What it finds comes by the session. */
export type ReadUser = () => void

/** Makes it for one client. */
export function createReadUser(client: Latchkey): ReadUser {
  let isReading = false
  return () => {
    if (!isReading) void read()
  }

  async function read(): Promise<void> {
    isReading = true
    await client.safe.me()
    isReading = false
  }
}
