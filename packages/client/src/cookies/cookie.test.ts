import { expect, test } from 'vitest'
import { createCookies } from './cookie.ts'

const secure = createCookies({ secure: true })
const local = createCookies({ secure: false })

test('over https a cookie belongs to this host alone, and no script reads it', () => {
  expect(secure.write('session', 'value', 60)).toBe(
    '__Host-latchkey_session=value; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure',
  )
})

test('on http://localhost it is not Secure, because Safari would not keep it', () => {
  expect(local.write('access', 'value', 60)).toBe('latchkey_access=value; Max-Age=60; Path=/; HttpOnly; SameSite=Lax')
})

test('over https a cookie without __Host- is not ours: a neighbour may have planted it', () => {
  expect(secure.read('latchkey_session=planted; __Host-latchkey_access=ours')).toEqual(new Map([['access', 'ours']]))
})

test('reads ours among others, whatever they hold', () => {
  const header = 'a=b=c; latchkey_session=one;; =odd; latchkey_session=two;latchkey_fresh=1 ; latchkey_accessible=x'
  const ours = new Map([
    ['session', 'one'],
    ['fresh', '1'],
  ])
  expect(local.read(header)).toEqual(ours)
  expect(local.read(null)).toEqual(new Map())
})

test('replaces ours in a Cookie header and leaves the others as they are', () => {
  const header = 'theme=dark; latchkey_session=old; latchkey_access=old; a=b=c'
  const values = new Map([
    ['session', 'new'],
    ['access', undefined],
  ] as const)
  expect(local.replace(header, values)).toBe('theme=dark; a=b=c; latchkey_session=new')
  expect(local.replace(null, values)).toBe('latchkey_session=new')
})
