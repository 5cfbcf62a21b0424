import type { IncomingMessage } from 'node:http'
import { type FieldError, LatchkeyError } from '@latchkey/core'

/** Bytes. The largest body of the contract has under 1 KiB; a batch of tRPC has ten of them. */
const BODY_MAX = 65_536
/** Levels of arrays and objects in each other. What reads or writes them by recursion is thus safe. */
const DEPTH_MAX = 32

/** `application/json`, in UTF-8 if it says anything about that (RFC 8259, 8.1). */
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The object that a body holds. */
export type JsonObject = Record<string, unknown>

/**
 * Reads a JSON object from the body. Of a key that stands there twice the last counts, as `JSON.parse` has it.
 *
 * @throws LatchkeyError `unsupported_media_type`, `body_too_large`, `invalid_json`, `invalid_input`
 */
export async function readJsonObject(incoming: IncomingMessage): Promise<JsonObject> {
  const value = parse(await readText(incoming))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidBody('body_not_an_object', 'The body must be a JSON object.')
  }
  if (isDeeper(value, DEPTH_MAX)) throw invalidBody('body_too_deep', `The body may be ${DEPTH_MAX} levels deep.`)
  return value as JsonObject
}

/** Whether a body is announced that will be refused. */
export function isTooLarge({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > BODY_MAX
}

/** What is refused is not read; the server then throws away what still comes, for half a second at the most. */
async function readText(incoming: IncomingMessage): Promise<string> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = incoming.headers
  // Unpacking is how small requests become large ones.
  if (!JSON_TYPE.test(type) || encoding !== 'identity') throw new LatchkeyError('unsupported_media_type')
  if (isTooLarge(incoming)) throw new LatchkeyError('body_too_large')
  try {
    return utf8.decode(await readBytes(incoming))
  } catch (error) {
    throw error instanceof LatchkeyError ? error : new LatchkeyError('invalid_json', { cause: error })
  }
}

/** By events, because `for await` costs more than all the rest of a request. */
function readBytes(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= BODY_MAX) return
      incoming.off('data', onData).pause()
      reject(new LatchkeyError('body_too_large'))
    }
    incoming.on('data', onData)
    incoming.once('end', () => resolve(Buffer.concat(chunks)))
    // The client went away.
    incoming.once('error', reject)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LatchkeyError('invalid_json', { cause: error })
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

function invalidBody(code: string, message: string): LatchkeyError {
  const fields: FieldError[] = [{ path: [], code, message }]
  return new LatchkeyError('invalid_input', { fields })
}
