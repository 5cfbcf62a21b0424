import type { Environment } from '../../environment.ts'
import { isLoopback } from '../../environment/fields.ts'
import { checkOf, type Finding } from './finding.ts'

/** What the environment alone tells, once it is without a fault. */
export function environmentFindings(environment: Environment): Finding[] {
  return [variables(environment), transport(environment), proxies(environment)]
}

function variables({ warnings, production }: Environment): Finding {
  const { ok, warning } = checkOf('environment')
  if (warnings.length > 0) {
    return warning(`${warnings.join('. ')}.`, 'Correct or remove them. All variables: docs/configuration.md')
  }
  return ok(production ? 'It is without a fault, for production.' : 'It is without a fault, for a local set-up.')
}

/** Passwords and tokens go over the wire: by TLS, or not at all beyond this machine. */
function transport({ production, publicUrl, host }: Environment): Finding {
  const { ok, note, warning } = checkOf('transport')
  const url = publicUrl === undefined ? undefined : new URL(publicUrl)
  const [open, clear] = [!isLoopback(host), url?.protocol === 'http:' && !isLoopback(url.hostname)]
  if (clear) {
    return warning(
      `PUBLIC_URL is ${publicUrl}: passwords and tokens can be read on their way.`,
      'Put a proxy with TLS in front, and set PUBLIC_URL to its https address.',
    )
  }
  if (open && !production) {
    return warning(
      `A local set-up listens on ${host}: whoever reaches this machine can register, with the password "password".`,
      'Set NODE_ENV=production, or HOST=127.0.0.1.',
    )
  }
  if (open && url?.protocol !== 'https:') {
    return warning(
      `HOST is ${host}, and PUBLIC_URL is not https.`,
      'Put a proxy with TLS in front, and set PUBLIC_URL to its https address.',
    )
  }
  if (open) {
    return note(
      `HOST is ${host}, and Latchkey itself speaks no TLS.`,
      'See that only the proxy with TLS can reach its port.',
    )
  }
  return ok(`It listens on ${host} only.`)
}

/** Which headers come in cannot be known here; but https at the outside means that something stands in front. */
function proxies({ publicUrl, trustedProxies }: Environment): Finding {
  const { ok, note, warning } = checkOf('proxies')
  const everybody = trustedProxies.filter((range) => range.endsWith('/0'))
  if (everybody.length > 0) {
    return warning(
      `LATCHKEY_TRUSTED_PROXIES has ${everybody.join(', ')}: anybody can claim any address.`,
      'Name the addresses of your proxies alone.',
    )
  }
  if (trustedProxies.length > 0) return ok(`Addresses of clients are taken from ${trustedProxies.join(', ')}.`)
  if (publicUrl?.startsWith('https:')) {
    return note(
      'PUBLIC_URL is https, so a proxy stands in front, and none is trusted: the audit has its address for everybody.',
      'Set LATCHKEY_TRUSTED_PROXIES to its address or range.',
    )
  }
  return ok('No proxy is trusted, and none seems to be there.')
}
