import { whenExactly } from '../output.ts'
import type { Opened } from '../with-core.ts'
import { checkOf, type Finding } from './finding.ts'

/** Milliseconds; servers look every three seconds. */
const OVERDUE_MS = 600_000

/** Whether the signing keys are there, the root secret opens them, and they take turns as they should. */
export async function keysFinding({ core, domain }: Opened): Promise<Finding> {
  const { ok, note, warning, failure } = checkOf('keys')
  try {
    const ring = await domain.readRing(core)
    if (ring === undefined) return note('There is no signing key yet.', 'The first start makes one.')
    const keys = await domain.listSigningKeys(core)
    const signing = keys.find(({ phase }) => phase === 'active')
    if (signing?.signsUntil != null && signing.signsUntil.getTime() < core.settings.now().getTime() - OVERDUE_MS)
      return warning(
        `The key that signs should have handed over at ${whenExactly(signing.signsUntil)}.`,
        'Servers do that: see that one runs, and what its log says of signing keys.',
      )
    if (keys.some(({ sealedUnderPrevious }) => sealedUnderPrevious))
      return note('Keys are sealed under the root secret before this one.', 'Run: latchkey keys reseal')
    return ok(`The root secret opens them; ${ring.active(core.settings.now()).algorithm} signs.`)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WrongRootSecretError') throw error
    return failure(
      'The root secret does not open the signing keys: no server starts, because everybody would be logged out.',
      'Set LATCHKEY_SECRET to the one that belongs to this database, or put back the file `secret` of its data folder.',
    )
  }
}
