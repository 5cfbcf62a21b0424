import {
  EMAIL_OCTETS_MAX,
  type FieldError,
  PAGE_SIZE_DEFAULT,
  PAGE_SIZE_MAX,
  PASSWORD_MAX_LENGTH,
  USERNAME_MAX_LENGTH,
} from '@latchkey/core'
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
export const password = passwordField('password')

/** The same under another name. */
export function passwordField(name: string) {
  return text(name, { max: PASSWORD_MAX_LENGTH, form: 'NFC' }).meta({
    description: 'Any characters of any script. How many a new one needs at least is the policy of the operator.',
    format: 'password',
    examples: ['password'],
  })
}

/** A name to show, in any script. */
export const username = text('username', { max: USERNAME_MAX_LENGTH }).meta({ examples: ['John Smith'] })

/** A refresh token: the 36-character form of a UUID, in any letter case. Only the database knows which are real. */
export const refreshToken = uuid('refresh_token')

/** The largest id, and the largest number of a revision: both are `integer` in the database. */
const INTEGER_MAX = 2_147_483_647

/** How many rows a page has at most. */
export const limit = integer('limit', { min: 1, max: PAGE_SIZE_MAX, example: PAGE_SIZE_DEFAULT }).meta({
  description: `Rows of a page at most; ${PAGE_SIZE_DEFAULT} by default.`,
})

/** Where a page begins. Only core knows what stands in it. */
export const cursor = text('cursor', { max: 1024 }).meta({ description: 'The `next` of the page before.' })

/**
 * The JSON body of an operation, and what its path names. Fields that nobody knows are ignored. What is wrongly typed
 * stays wrong: the REST library switches zod's coercion on for the schemas it meets, and after one REST call "5" would
 * pass as a number, over tRPC too. So it is nailed to off.
 */
export function body<Shape extends z.ZodRawShape>(shape: Shape) {
  return uncoerced(shape, fault('body_not_an_object', 'The body must be a JSON object.'))
}

/** What an operation without a body takes of path and query. Over REST all of it is text: fields say how they read it. */
export function parameters<Shape extends z.ZodRawShape>(shape: Shape) {
  return uncoerced(shape, fault('input_not_an_object', 'The input must be an object.'))
}

/** A parameter that may be absent. An empty one counts as absent: `?role=` is what a form sends where nobody chose. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return z
    .preprocess((value: z.input<Schema> | undefined) => (value === '' ? undefined : value), schema.optional())
    .optional()
}

const WHOSE = {
  id: 'The id of a user.',
  user_id: 'The id of the user whom it concerns.',
  actor_id: 'The id of the admin who did it.',
}

/** The id of an account, by the name of its field. */
export function userId(name: keyof typeof WHOSE) {
  return integer(name, { min: 1, max: INTEGER_MAX, example: 7 }).meta({ description: WHOSE[name] })
}

/** The number of a revision of the settings; 0 is the state before the first. */
export function revision(name: 'revision' | 'to') {
  return integer(name, { min: 0, max: INTEGER_MAX, example: 17 })
}

/** A UUID in its 36-character form, in any letter case. */
export function uuid(name: string) {
  const invalid = fault(`${name}_invalid`, 'This is not a UUID.')
  return z
    .guid({ error: ({ code, input }) => (code === 'invalid_type' ? typeFault(name, input) : invalid) })
    .meta({ examples: ['eb0464c2-ed6e-4346-a709-042c33946154'] })
}

/** A whole number. In path and query it is text; so it may be text everywhere, in decimal digits and no other form. */
export function integer(name: string, { min, max, example }: { min: number; max: number; example: number }) {
  const outOfRange = fault(`${name}_out_of_range`, `This may be from ${min} to ${max}.`)
  return z.preprocess(
    (value: number) => (typeof value === 'string' && DIGITS.test(value) ? Number(value) : value),
    z
      .int({
        error: ({ code, input }) => (code === 'invalid_type' ? typeFault(name, input, 'a whole number') : outOfRange),
      })
      .min(min, { error: outOfRange })
      .max(max, { error: outOfRange })
      .meta({ examples: [example] }),
  )
}

/** In its one spelling, and of so many digits as a number keeps exactly. */
const DIGITS = /^(?:0|[1-9]\d{0,14})$/

/** One of a few words. */
export function oneOf<const Word extends string>(name: string, words: readonly Word[]) {
  const unknown = fault(`${name}_invalid`, `This must be one of: ${words.join(', ')}.`)
  return z.enum(words, { error: ({ input }) => (input === undefined ? typeFault(name, input) : unknown) })
}

/** A time with its zone, or a day, which begins at midnight UTC. */
export function time(name: string) {
  return z
    .string({ error: ({ input }) => typeFault(name, input) })
    .refine((value) => TIME.safeParse(value).success, {
      error: fault(`${name}_invalid`, 'This must be a time like 2026-11-24T10:00:00Z, or a day like 2026-11-24.'),
      abort: true,
    })
    .meta({
      description: 'ISO 8601: a time with its zone, or a day, which begins at midnight UTC.',
      examples: ['2026-11-24T10:00:00Z'],
    })
    .transform((value) => new Date(value))
}

const TIME = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

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
export function text(name: string, { max, form }: { max: number; form?: 'NFC' }) {
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

/** What is said of a field that is not there, or of another type. */
export function typeFault(name: string, input: unknown, type = 'a string'): string {
  return input === undefined
    ? fault(`${name}_missing`, 'This field is needed.')
    : fault(`${name}_wrong_type`, `This must be ${type}.`)
}

/** Code and sentence of a fault, as zod carries them to {@link fieldErrors}. */
export function fault(code: string, sentence: string): string {
  return `${code}${SEPARATOR}${sentence}`
}

function lengthOf(value: string): number {
  return Array.from(value).length
}

function uncoerced<Shape extends z.ZodRawShape>(shape: Shape, error: string) {
  const schema = z.object(shape, { error })
  forbidCoercion(schema)
  return schema
}

/** What the library sets is thrown away; shared between schemas, because a field may stand in several bodies. */
const NEVER = { get: () => false, set: () => {} }

function forbidCoercion({ def }: z.ZodType): void {
  Object.defineProperty(def, 'coerce', NEVER)
  for (const inner of Object.values('shape' in def && def.shape ? def.shape : def)) {
    if (inner instanceof z.ZodType) forbidCoercion(inner)
  }
}
