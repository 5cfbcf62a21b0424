export { statement } from '../database/statement.ts'
export { type TestClock, testClock } from './clock.ts'
export { putInForce } from './settings.ts'
export { expect, PASSWORD, ROOT_SECRET, type TestAccount, test } from './test.ts'
