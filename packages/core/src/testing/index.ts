export { type TestClock, testClock } from './clock.ts'
export { expect, PASSWORD, type TestAccount, test } from './test.ts'
