import type { ApiContext } from '@latchkey/api'
import type { AnyTRPCRouter } from '@trpc/server'

/** What goes from one middleware of a procedure to the next. */
interface Step {
  ctx: object
  input: unknown
}

/** A middleware as tRPC keeps it: checks of input and output, the session's check, and last the procedure itself. */
type Middleware = (
  options: Step & {
    path: string
    type: 'query' | 'mutation'
    meta: unknown
    getRawInput: () => unknown
    next: (changed?: Partial<Step>) => Promise<Result>
  },
) => Promise<Result>

type Result = { ok: true; data: unknown } | { ok: false; error: unknown }

/** Calls one procedure. @throws whatever it throws */
export type ProcedureCall = (ctx: ApiContext, input: object) => Promise<unknown>

/**
 * Makes a direct call of a procedure: its own middlewares, in their order. tRPC's caller does the same, but copies all
 * options for each of them, in a way made for old engines: a sixth of a `GET /me`.
 *
 * @throws Error when tRPC keeps its procedures in another way than it did
 */
export function procedureCall({ _def: { procedures } }: AnyTRPCRouter, path: string): ProcedureCall {
  const { middlewares, meta, type } = definitionOf(procedures, path)

  const run = (index: number, step: Step, input: object): Promise<Result> => {
    const middleware = middlewares[index]
    if (middleware === undefined) throw new Error(`the last middleware of ${path} asked for another one`)
    return middleware({
      ctx: step.ctx,
      input: step.input,
      path,
      type,
      meta,
      getRawInput: () => input,
      next: (changed) =>
        run(
          index + 1,
          {
            ctx: changed?.ctx === undefined ? step.ctx : { ...step.ctx, ...changed.ctx },
            input: changed !== undefined && 'input' in changed ? changed.input : step.input,
          },
          input,
        ),
    })
  }
  return async (ctx, input) => {
    const result = await run(0, { ctx, input: undefined }, input)
    if (!result.ok) throw result.error
    return result.data
  }
}

/** tRPC's types hide what a procedure is made of. */
function definitionOf(procedures: object, path: string) {
  const procedure: unknown = Reflect.get(procedures, path)
  const definition: unknown = typeof procedure === 'function' ? Reflect.get(procedure, '_def') : undefined
  if (!isDefinition(definition)) throw new Error(`${path} is no procedure as tRPC is known to make them`)
  return definition
}

function isDefinition(
  value: unknown,
): value is { middlewares: Middleware[]; meta: unknown; type: 'query' | 'mutation' } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'middlewares' in value &&
    Array.isArray(value.middlewares) &&
    'meta' in value &&
    'type' in value
  )
}
