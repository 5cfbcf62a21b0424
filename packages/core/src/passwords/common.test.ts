import { dictionary } from '@zxcvbn-ts/language-common'
import { expect, test } from 'vitest'
import { isCommon } from './common.ts'

test.each([
  ['on the list', 'qwertyuiop'],
  ['in capitals', 'QwertyUiop'],
  ['with digits and punctuation around it', '__Password_2026!'],
  ['twice', 'passwordpassword'],
  ['twice and a bit', '123456789012345'],
  ['short and repeated', 'abcabcabcabcabc'],
  ['one character', '🔑🔑🔑🔑🔑🔑🔑🔑'],
])('knows a common password: %s', async (_, password) => {
  expect(await isCommon(password)).toBe(true)
})

test.each(['correct horse battery staple', 'password of my grandmother', 'rabbit-tribute-hill', 'xk3!9qzx'])(
  'leaves alone: %s',
  async (password) => {
    expect(await isCommon(password)).toBe(false)
  },
)

test('has the list of the package it is taken from (`vitest -u` writes it anew)', async () => {
  const entries = dictionary['passwords-common'].filter((entry) => entry.length >= 8).toSorted()
  expect(entries.filter((entry) => /[`\\]|\$\{|\P{ASCII}|\s/u.test(entry))).toEqual([])
  await expect(source(entries)).toMatchFileSnapshot('./common-passwords.gen.ts')
})

function source(entries: string[]): string {
  return `/*
 * The common passwords of eight characters and more of @zxcvbn-ts/language-common, in lower case, sorted. Written by
 * common.test.ts; its licence:
 *
 * Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.
 * Copyright (c) 2021 @zxcvbn-ts
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
 * documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
 * rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
 * permit persons to whom the Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
 * Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
 * WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
 * COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
 * OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */

/** One on a line. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  \`
${entries.join('\n')}
\`
    .trim()
    .split('\\n'),
)
`
}
