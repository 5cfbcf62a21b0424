import { ERRORS, type ErrorCode, type LatchkeyError } from '@latchkey/core'
import { z } from 'zod'

const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[]

const fieldError = z.object({
  path: z
    .array(z.union([z.string(), z.int()]))
    .meta({ description: 'Where the fault lies; empty for the whole body.' }),
  code: z.string().meta({ description: 'What is wrong, in a stable form: `password_too_long`.' }),
  message: z.string().meta({ description: 'The same for people.' }),
})

const value = z.unknown().meta({ description: 'JSON; null where the default is in force.' })

const conflict = z.object({
  base: z.int().meta({ description: 'The revision that the refused change was made on.' }),
  revision: z.int().meta({ description: 'The newest one.' }),
  settings: z.array(z.object({ name: z.string(), before: value, theirs: value, yours: value })).meta({
    description: 'Each setting that was changed since, or that the refused change names.',
  }),
})

/** A failed call as REST shows it: `application/problem+json` (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A link to what the documentation says about this kind of problem.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(ERROR_CODES).meta({ description: 'What is wrong, in a stable form. Decide by this.' }),
    request_id: z.string().meta({ description: 'Names the request in the log of the server.' }),
    errors: z.array(fieldError).optional().meta({ description: 'With `invalid_input`: every fault.' }),
    conflict: conflict.optional().meta({ description: 'With `revision_conflict`: what others saved meanwhile.' }),
  })
  .meta({ id: 'Problem', description: 'What every refusal and failure looks like (RFC 9457).' })

/** The body of a failed REST call. */
export type Problem = z.infer<typeof problemSchema>

/** An error as the body of a REST answer. */
export function problem({ code, status, message, fields, conflict: saved }: LatchkeyError, requestId: string): Problem {
  return {
    // A full path, as RFC 9457 (3.1.1) allows: this server cannot be sure of its host. The docs page has it.
    type: `/docs/#description/${code}`,
    title: message,
    status,
    detail: ERRORS[code].meaning,
    code,
    request_id: requestId,
    ...(fields && { errors: fields }),
    ...(saved && { conflict: saved }),
  }
}
