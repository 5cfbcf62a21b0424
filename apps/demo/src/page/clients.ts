import { createLatchkeyClient } from '@latchkey/client'
import { QueryClient } from '@tanstack/react-query'
import { hc } from 'hono/client'
import type { Service } from '../service.ts'

const url = document.querySelector<HTMLMetaElement>('meta[name=latchkey-url]')?.content ?? ''

/** Registers, logs in, keeps the session fresh, in all tabs. */
export const latchkey = createLatchkeyClient({ url })

/** Our own service, typed by its routes; the access token goes along by itself. */
export const { notes } = hc<Service>('/', { fetch: latchkey.fetch }).api

/** The Latchkey client tries again by itself where that makes sense. */
export const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
