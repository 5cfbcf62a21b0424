/** The mark of Latchkey. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 16 16" aria-hidden="true">
      <path
        fillRule="evenodd"
        d="M7 1a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0 2.25a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5Z"
      />
      <path d="M6 8.5h2V10h3v2H8v1h5v2H6Z" />
    </svg>
  )
}
