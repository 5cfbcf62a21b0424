import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { openKey, sealKey } from './ring-key.ts'
import { readStoredKeys } from './stored.ts'
import { changeKeys } from './tend.ts'

const RESEAL = statement('signing-key.reseal', 'update signing_key set sealed = $2, key_id = $3 where id = $1')

/**
 * Seals every signing key under the root secret of now that is still sealed under the one before (the option
 * `previousRootSecret`). The keys themselves stay: no token becomes invalid.
 *
 * @returns how many were sealed anew
 * @throws WrongRootSecretError when one was sealed under neither; nothing is changed then
 * @throws LatchkeyError `unavailable`
 */
export async function resealKeys(core: Core, actor: Actor): Promise<number> {
  return await changeKeys(core, { expected: [], actor }, async (transaction) => {
    const { keys } = await readStoredKeys(transaction, core.clock)
    const old = keys.filter(({ keyId }) => keyId !== core.keys.id)
    for (const row of old) {
      const { id, sealed, keyId } = sealKey(core.keys, openKey(core, row))
      await transaction.many(RESEAL, [id, sealed, keyId])
    }
    if (old.length > 0) {
      const details = { keys: old.map(({ id }) => id) }
      await record(transaction, core, { name: 'signing_keys.resealed', actor, details })
    }
    return old.length
  })
}
