import type { AccessClaims } from './claims.ts'

/** Beside the requests, not in them: so no type of a framework has to be changed, and nothing else can write there. */
const claimsByRequest = new WeakMap<object, AccessClaims>()

/** Keeps who makes this request. */
export function keepClaims(request: object, claims: AccessClaims | undefined): void {
  if (claims !== undefined) claimsByRequest.set(request, claims)
}

/**
 * Who makes this request, on a route behind `requireToken`.
 *
 * @throws Error when nothing checked a token: the route has no `requireToken` before it
 */
export function claimsOf(request: object): AccessClaims {
  const claims = claimsByRequest.get(request)
  if (claims === undefined) throw new Error('no token was checked: put requireToken before this route')
  return claims
}

/** Who makes this request, on a route behind `optionalToken`; undefined for who is not logged in. */
export function claimsIfAny(request: object): AccessClaims | undefined {
  return claimsByRequest.get(request)
}
