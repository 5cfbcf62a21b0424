import { appRouter } from '@latchkey/api'
import { expect, test } from 'vitest'
import { procedureCall } from './call-procedure.ts'

test.for(['me.got', 'auth', '__proto__', 'constructor'])('%s is no procedure', (path) => {
  expect(() => procedureCall(appRouter, path)).toThrow('no procedure')
})
