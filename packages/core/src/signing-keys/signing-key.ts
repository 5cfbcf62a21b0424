import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { JWK } from 'jose'

/** What access tokens can be signed with (RFC 7518, RFC 8037); the first one is the default. */
export const SIGNING_ALGORITHMS = ['EdDSA', 'ES256', 'RS256', 'HS256'] as const

/** One of {@link SIGNING_ALGORITHMS}. */
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

/** The phases of a signing key in their order; one that is gone has no row. */
export const KEY_PHASES = ['next', 'active', 'retiring'] as const

/** *next* (published, not signing), *active* (signs), *retiring* (published, not signing). */
export type KeyPhase = (typeof KEY_PHASES)[number]

/**
 * A key that signs access tokens. A switch from one key to the next is written down some seconds before it happens, so that
 * every instance knows of it and all switch at the same moment: `activatedAt` and `retiredAt` may lie ahead, and the
 * phase of a moment is {@link phaseAt}, not the column, which says what was decided last.
 */
export const SigningKey = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_key',
  properties: {
    /** `kid` in tokens: the RFC 7638 thumbprint, or random for HS256, whose thumbprint would be a hash of the secret. */
    id: p.text().primary(),
    algorithm: p.enum(SIGNING_ALGORITHMS),
    phase: p.enum(KEY_PHASES),
    /** What the JWKS shows; null for HS256, which has no public part. */
    publicJwk: p.json<JWK>().nullable(),
    /** The private part, sealed (AES-256-GCM) under the root secret that `keyId` names. */
    sealed: p.blob().hidden(),
    keyId: p.integer(),
    createdAt: p.datetime().defaultRaw('now()'),
    /** From when on it signs; null while nobody has decided that. */
    activatedAt: p.datetime().nullable(),
    /** From when on it signs no more. */
    retiredAt: p.datetime().nullable(),
    /** Seconds: the longest ACCESS_TOKEN_LIFETIME of the tokens that it may have signed. */
    lifetimeMax: p.integer().default(0),
    /** Seconds: the longest JWKS_MAX_AGE with which others got the JWKS while this was its newest key. */
    maxAgeMax: p.integer().default(0),
  },
  uniques: [],
})

/** A row of {@link SigningKey}. */
export type SigningKey = InferEntity<typeof SigningKey>

/** What decides the phase of a key. */
export interface KeyTimes {
  /** From when on it signs; null while nobody has decided that. */
  activatedAt: Date | null
  /** From when on it signs no more; null while nobody has decided that. */
  retiredAt: Date | null
}

/** The phase of a key at a time. */
export function phaseAt({ activatedAt, retiredAt }: KeyTimes, at: Date): KeyPhase {
  if (activatedAt === null || activatedAt > at) return 'next'
  return retiredAt === null || retiredAt > at ? 'active' : 'retiring'
}
