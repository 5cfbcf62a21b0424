export { createQueryOptions, type LatchkeyQueryOptions } from './query-options.ts'
export {
  LatchkeyQueryProvider,
  type LatchkeyQueryProviderProps,
  useLatchkeyQueries,
} from './latchkey-query-provider.tsx'
