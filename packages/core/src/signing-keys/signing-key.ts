import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { JWK } from 'jose'

/** What access tokens can be signed with (RFC 7518, RFC 8037). */
export const SIGNING_ALGORITHMS = ['EdDSA', 'ES256', 'RS256', 'HS256'] as const

/** One of {@link SIGNING_ALGORITHMS}. */
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

/**
 * A key that signs access tokens. The phases: *next* (published, not signing), *active* (signs), *retiring* (published,
 * not signing). A key that is gone has no row.
 */
export const SigningKey = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_key',
  properties: {
    /** `kid` in tokens: the RFC 7638 thumbprint, or random for HS256, whose thumbprint would be a hash of the secret. */
    id: p.text().primary(),
    algorithm: p.enum(SIGNING_ALGORITHMS),
    phase: p.enum(['next', 'active', 'retiring']),
    /** What the JWKS shows; null for HS256, which has no public part. */
    publicJwk: p.json<JWK>().nullable(),
    /** The private part, sealed (AES-256-GCM) under the root secret that `keyId` names. */
    sealed: p.blob().hidden(),
    keyId: p.integer(),
    createdAt: p.datetime().defaultRaw('now()'),
    activatedAt: p.datetime().nullable(),
    retiredAt: p.datetime().nullable(),
  },
  uniques: [],
})

/** A row of {@link SigningKey}. */
export type SigningKey = InferEntity<typeof SigningKey>
