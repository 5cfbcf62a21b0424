import { useLatchkey } from '@latchkey/client/react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Logo } from './logo.tsx'
import { sayWhy } from './say-why.ts'

/** Signs in, or makes an account first. */
export function SignInPage() {
  const { login, register } = useLatchkey()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [isNew, setIsNew] = useState(false)
  const enter = useMutation({
    async mutationFn() {
      if (isNew) await register({ email, password })
      await login({ email, password })
    },
  })

  return (
    <main className="gate">
      <div>
        <Logo />
        <h1>{isNew ? 'Make an account' : 'Sign in to your notes'}</h1>
      </div>
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault()
          enter.mutate()
        }}
      >
        {enter.error && <p role="alert">{sayWhy(enter.error)}</p>}
        <label>
          E-mail
          <input
            type="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </label>
        <label>
          Password
          <input
            type="password"
            autoComplete={isNew ? 'new-password' : 'current-password'}
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        <button className="main" type="submit" disabled={enter.isPending}>
          {isNew ? 'Make account' : 'Sign in'}
        </button>
      </form>
      <p className="quiet">
        {isNew ? 'You have an account? ' : 'You have no account yet? '}
        <button
          type="button"
          className="link"
          onClick={() => {
            setIsNew(!isNew)
            enter.reset()
          }}
        >
          {isNew ? 'Sign in' : 'Make one'}
        </button>
      </p>
    </main>
  )
}
