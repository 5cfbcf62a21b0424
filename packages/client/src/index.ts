export { createLatchkeyClient, type LatchkeyClient, type LatchkeyClientOptions } from './client.ts'
export { isLatchkeyError, type LatchkeyClientError } from './error.ts'
