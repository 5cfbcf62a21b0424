import { expect, test } from 'vitest'
import { placeOf } from './database.ts'

test.for([
  ['postgres://ann:opensesame@db.example.com:5433/auth?sslmode=require', 'ann@db.example.com:5433/auth'],
  ['postgresql://db/auth', 'db/auth'],
  ['postgres://ann:opensesame@%2Frun%2Fpostgresql/auth', 'ann@/run/postgresql/auth'],
  ['postgres:///auth?host=/run/postgresql&password=opensesame', '/run/postgresql/auth'],
])('%s is shown as %s', ([url = '', place]) => {
  expect(placeOf(url)).toBe(place)
})
