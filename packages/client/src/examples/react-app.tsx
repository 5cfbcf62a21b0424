import { createLatchkeyClient } from '@latchkey/client'
import { LatchkeyProvider, SignedIn, SignedOut, useLatchkey, useUser } from '@latchkey/client/react'
import type { SubmitEvent } from 'react'

const latchkey = createLatchkeyClient({ url: 'http://localhost:8000' })

export const App = () => (
  <LatchkeyProvider client={latchkey}>
    <SignedIn>
      <Account />
    </SignedIn>
    <SignedOut>
      <Login />
    </SignedOut>
  </LatchkeyProvider>
)

function Account() {
  const { logout } = useLatchkey()
  const user = useUser()
  return (
    <p>
      Hello {user?.email} <button onClick={() => void logout()}>Sign out</button>
    </p>
  )
}

function Login() {
  const { safe } = useLatchkey()
  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const { email = '', password = '' } = Object.fromEntries(new FormData(event.currentTarget)) as Record<
      string,
      string
    >
    const { error } = await safe.login({ email, password })
    if (error !== null) alert(error.message)
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <input name="email" type="email" autoComplete="username" required />
      <input name="password" type="password" autoComplete="current-password" required />
      <button type="submit">Sign in</button>
    </form>
  )
}
