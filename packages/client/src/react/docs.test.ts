import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as queries from '../react-query/index.ts'
import * as react from './index.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const page = read('../../../../docs/client-react.md')

test('the page shows the examples as they are run', () => {
  const blocks = Array.from(page.matchAll(/```tsx\n([^]*?)```/g), ([, code]) => code)
  expect(blocks).toEqual(['react-app', 'react-queries'].map((name) => read(`../examples/${name}.tsx`)))
})

test('the page names all that there is', () => {
  for (const name of [...Object.keys(react), ...Object.keys(queries)]) expect(page).toContain(name)
})
