import { useLatchkey } from '@latchkey/client/react'
import { useEffect, useState } from 'react'

/** Only to be seen: an app never has to think of its tokens. */
export function TokenLine() {
  const { on } = useLatchkey()
  const [refreshes, setRefreshes] = useState(0)
  useEffect(
    () =>
      on((event) => {
        if (event === 'TOKEN_REFRESHED') setRefreshes((count) => count + 1)
      }),
    [on],
  )
  return (
    <footer>
      <p>
        {refreshes === 0
          ? 'Your access token lives for seconds, and is about to be refreshed.'
          : `Your access token was refreshed ${refreshes === 1 ? 'once' : `${refreshes} times`} since you opened this page.`}
      </p>
      <p>Open it in a second tab: both stay signed in, and signing out of one signs out of both.</p>
    </footer>
  )
}
