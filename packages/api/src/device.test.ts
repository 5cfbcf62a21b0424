import { expect, test } from 'vitest'
import { deviceOf } from './device.ts'

test.for([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox 140 on Linux'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'Safari 17 on iOS',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0',
    'Microsoft Edge 126 on Windows',
  ],
  ['Firefox/140.0', 'Firefox 140'],
  ['curl/8.5.0', null],
  ['\0<script>', null],
  ['', null],
  [null, null],
] as const)('%j is %j', ([userAgent, device]) => {
  expect(deviceOf(userAgent)).toBe(device)
})
