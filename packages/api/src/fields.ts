import { EMAIL_OCTETS_MAX, type FieldError, PASSWORD_MAX_LENGTH, USERNAME_MAX_LENGTH } from '@latchkey/core'
import { type ZodError, z } from 'zod'

/** Code and sentence of a fault, in the one string that zod carries. */
const SEPARATOR = ': '

/** An e-mail address as somebody typed it; core says whether it is one, and counts octets. */
export const email = text('email', { max: EMAIL_OCTETS_MAX }).meta({
  description: 'Letter case does not matter.',
  format: 'email',
  examples: ['user@example.com'],
})

/** A password. Policy is core's; here only what no password may be, so that nothing longer is ever hashed. */
export const password = text('password', { max: PASSWORD_MAX_LENGTH, form: 'NFC' }).meta({
  description: 'Any characters of any script. How many a new one needs at least is the policy of the operator.',
  format: 'password',
  examples: ['password'],
})

/** A name to show, in any script. */
export const username = text('username', { max: USERNAME_MAX_LENGTH }).meta({ examples: ['John Smith'] })

/** A refresh token: the 36-character form of a UUID, in any letter case. Only the database knows which are real. */
export const refreshToken = z
  .guid({ error: ({ code, input }) => (code === 'invalid_type' ? typeFault('refresh_token', input) : NOT_A_UUID) })
  .meta({ examples: ['eb0464c2-ed6e-4346-a709-042c33946154'] })

const NOT_A_UUID = fault('refresh_token_invalid', 'This is not a UUID.')

/**
 * The JSON body of an operation. Fields that nobody knows are ignored. What is wrongly typed stays wrong: the REST
 * library switches zod's coercion on for the schemas it meets, and after one REST call "5" would pass as a number, over
 * tRPC too. So it is nailed to off.
 */
export function body<Shape extends z.ZodRawShape>(shape: Shape) {
  const schema = z.object(shape, { error: fault('body_not_an_object', 'The body must be a JSON object.') })
  forbidCoercion(schema)
  return schema
}

/** All that zod found wrong, for callers: a stable code and a sentence for each field. */
export function fieldErrors({ issues }: ZodError): FieldError[] {
  return issues.map(({ path, message }) => {
    const [code = 'invalid', ...sentence] = message.split(SEPARATOR)
    return {
      path: path.map((key) => (typeof key === 'symbol' ? String(key) : key)),
      code,
      message: sentence.join(SEPARATOR),
    }
  })
}

/** Text of so many code points at the most, in the given normal form. JSON Schema counts code points as well. */
function text(name: string, { max, form }: { max: number; form?: 'NFC' }) {
  const isTooLong = (value: string) => lengthOf(form ? value.normalize(form) : value) > max
  return z
    .string({ error: ({ input }) => typeFault(name, input) })
    .refine((value) => value.isWellFormed() && !value.includes('\0'), {
      // PostgreSQL takes neither, and all lone surrogates are the same bytes in UTF-8.
      error: fault(`${name}_malformed`, 'This holds a NUL or half a character.'),
      abort: true,
    })
    .refine((value) => value.length <= max || !isTooLong(value), {
      error: fault(`${name}_too_long`, `This may have up to ${max} characters.`),
    })
    .meta({ maxLength: max })
}

function typeFault(name: string, input: unknown): string {
  return input === undefined
    ? fault(`${name}_missing`, 'This field is needed.')
    : fault(`${name}_wrong_type`, 'This must be a string.')
}

function fault(code: string, sentence: string): string {
  return `${code}${SEPARATOR}${sentence}`
}

function lengthOf(value: string): number {
  return Array.from(value).length
}

/** What the library sets is thrown away; shared between schemas, because a field may stand in several bodies. */
const NEVER = { get: () => false, set: () => {} }

function forbidCoercion({ def }: z.ZodType): void {
  Object.defineProperty(def, 'coerce', NEVER)
  for (const inner of Object.values('shape' in def && def.shape ? def.shape : def)) {
    if (inner instanceof z.ZodType) forbidCoercion(inner)
  }
}
