import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { deriveKeys } from '../crypto.ts'
import { createRefreshTokens, NONCE_BYTES } from './token.ts'

const tokens = createRefreshTokens({ keys: deriveKeys('a root secret for tests, of 32 characters and more') })
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('a new token is a UUID of version 4', () => {
  expect(tokens.generate().reveal()).toMatch(UUID_V4)
})

test('letter case does not matter', () => {
  const token = tokens.generate()
  expect(tokens.parse(token.reveal().toUpperCase()).mac).toEqual(token.mac)
})

test('a successor is a UUID of version 4 that keeps the selector and changes the verifier', () => {
  const parent = tokens.generate()
  const successor = parent.successor(parent.salt())
  expect(successor.reveal()).toMatch(UUID_V4)
  expect(successor.selectorMac).toEqual(parent.selectorMac)
  expect(successor.reveal().slice(0, 18)).toBe(parent.reveal().slice(0, 18))
  expect(successor.mac).not.toEqual(parent.mac)
})

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })

test('the same parent and salt give the same successor', () => {
  fc.assert(
    fc.property(fc.uuid(), bytes, (uuid, salt) => {
      const successor = tokens.parse(uuid).successor(salt)
      expect(tokens.parse(uuid).successor(salt).reveal()).toBe(successor.reveal())
      expect(tokens.parse(successor.reveal()).mac).toEqual(successor.mac)
    }),
  )
})

test('another parent or another salt gives another successor', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), bytes, bytes, (one, other, salt, otherSalt) => {
      fc.pre(one !== other && !Buffer.from(salt).equals(otherSalt))
      const successor = tokens.parse(one).successor(salt)
      expect(tokens.parse(other).successor(salt).mac).not.toEqual(successor.mac)
      expect(tokens.parse(one).successor(otherSalt).mac).not.toEqual(successor.mac)
    }),
  )
})

test('another root secret knows neither selector nor token, and derives another successor', () => {
  const others = createRefreshTokens({ keys: deriveKeys('another root secret, of 32 characters and more') })
  const uuid = tokens.generate().reveal()
  const salt = randomBytes(16)
  expect(others.parse(uuid).selectorMac).not.toEqual(tokens.parse(uuid).selectorMac)
  expect(others.parse(uuid).mac).not.toEqual(tokens.parse(uuid).mac)
  expect(others.parse(uuid).successor(salt).reveal()).not.toBe(tokens.parse(uuid).successor(salt).reveal())
})

test('no salt comes twice, and none changes later', () => {
  const token = tokens.generate()
  const salts = Array.from({ length: 1000 }, (_, i) => token.salt(i % 2 === 0 ? 'key' : undefined))
  const texts = salts.map((salt) => salt.toString('hex'))
  expect(new Set(texts).size).toBe(1000)
  expect(salts.every(({ length }) => length === 16)).toBe(true)
  for (let i = 0; i < 1000; i++) token.salt('key')
  expect(salts.map((salt) => salt.toString('hex'))).toEqual(texts)
})

test('salts of one token and one retry key end alike, and with nothing that could be made without the root secret', () => {
  const token = tokens.generate()
  const uuid = token.reveal()
  const endOf = (salt: Buffer) => salt.toString('hex', NONCE_BYTES)
  const end = endOf(token.salt('a key'))
  expect(endOf(tokens.parse(uuid).salt('a key'))).toBe(end)
  const others = createRefreshTokens({ keys: deriveKeys('another root secret, of 32 characters and more') })
  const different = [
    token.salt('A key'),
    token.salt(),
    tokens.generate().salt('a key'),
    token.successor(token.salt('a key')).salt('a key'),
    others.parse(uuid).salt('a key'),
  ]
  expect(new Set([end, ...different.map(endOf)]).size).toBe(6)
})
