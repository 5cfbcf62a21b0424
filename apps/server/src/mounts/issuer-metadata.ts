/** RFC 8414, section 3, and where libraries look that know OpenID Connect only. */
export const METADATA_PATHS = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']

/**
 * Who we are, for libraries that find the keys of an issuer by its metadata (RFC 8414): the issuer and its JWKS. This is no
 * OAuth server, so there are no endpoints of one here; what would promise something by being left out is there, and empty.
 */
export function issuerMetadata(issuer: string, jwksPath: string) {
  const base = issuer.replace(/\/$/, '')
  return {
    issuer,
    jwks_uri: `${base}${jwksPath}`,
    response_types_supported: [],
    grant_types_supported: [],
    token_endpoint_auth_methods_supported: [],
    service_documentation: `${base}/docs`,
  }
}
