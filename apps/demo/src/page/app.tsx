import { SignedIn, SignedOut, useLatchkey, useUser } from '@latchkey/client/react'
import { Logo } from './logo.tsx'
import { NotesPage } from './notes-page.tsx'
import { SignInPage } from './sign-in-page.tsx'

/** Until it is known whether somebody is signed in, a moment after the start, neither is shown. */
export function App() {
  return (
    <>
      <SignedIn>
        <Header />
        <NotesPage />
      </SignedIn>
      <SignedOut>
        <SignInPage />
      </SignedOut>
    </>
  )
}

function Header() {
  const { logout } = useLatchkey()
  const user = useUser()
  return (
    <header>
      <Logo />
      <strong>Notes</strong>
      <span className="who">{user?.email}</span>
      <button type="button" onClick={() => void logout()}>
        Sign out
      </button>
    </header>
  )
}
