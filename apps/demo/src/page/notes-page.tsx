import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { parseResponse } from 'hono/client'
import { useState } from 'react'
import { type Note, TEXT_MAX } from '../notes.ts'
import { notes } from './clients.ts'
import { sayWhy } from './say-why.ts'
import { SessionsCard } from './sessions-card.tsx'
import { TokenLine } from './token-line.tsx'

const NOTES = ['notes']
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** What only whoever is signed in sees. */
export function NotesPage() {
  return (
    <main>
      <h1>Your notes</h1>
      <NewNote />
      <NoteList />
      <SessionsCard />
      <TokenLine />
    </main>
  )
}

function NewNote() {
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const add = useMutation({
    mutationFn: () => parseResponse(notes.$post({ json: { text } })),
    onSuccess() {
      setText('')
      return queries.invalidateQueries({ queryKey: NOTES })
    },
  })
  return (
    <form
      className="new"
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate()
      }}
    >
      <input
        aria-label="A new note"
        placeholder="A new note"
        maxLength={TEXT_MAX}
        required
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button className="main" type="submit" disabled={add.isPending}>
        Add
      </button>
      {add.error && <p role="alert">{sayWhy(add.error)}</p>}
    </form>
  )
}

function NoteList() {
  const { data, error, refetch } = useQuery({ queryKey: NOTES, queryFn: () => parseResponse(notes.$get()) })
  if (data?.length === 0)
    return <p className="card empty">Nothing noted yet. What you add stays until the demo stops.</p>
  if (data !== undefined) {
    return (
      <ul className="card">
        {data.map((note) => (
          <NoteRow key={note.id} {...note} />
        ))}
      </ul>
    )
  }
  if (error === null) return <p className="card empty" aria-busy="true" />
  return (
    <div className="card empty">
      <p role="alert">{sayWhy(error)}</p>
      <button type="button" onClick={() => void refetch()}>
        Try again
      </button>
    </div>
  )
}

function NoteRow({ id, text, written_at }: Note) {
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => parseResponse(notes[':id'].$delete({ param: { id } })),
    onSettled: () => queries.invalidateQueries({ queryKey: NOTES }),
  })
  return (
    <li>
      <div>
        {text}
        <time dateTime={written_at}>{TIME.format(new Date(written_at))}</time>
      </div>
      <button
        type="button"
        className="icon"
        aria-label={`Remove ${text}`}
        disabled={remove.isPending}
        onClick={() => remove.mutate()}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4 4 8 8m0-8-8 8" />
        </svg>
      </button>
    </li>
  )
}
