import { LatchkeyQueryProvider } from '@latchkey/client/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { latchkey, queryClient } from './clients.ts'

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <LatchkeyQueryProvider client={latchkey} queryClient={queryClient}>
      <App />
    </LatchkeyQueryProvider>
  </StrictMode>,
)
