// Only the compiler reads this file: it fails where what is published differs from what the server is made of.
import type { AppRouter as Published } from '@latchkey/client'
import type { AppRouter as Served } from '@latchkey/api'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Flat<T> = T extends object ? { [Key in keyof T]: Flat<T[Key]> } : T
type Holds<T extends true> = T
type Errors<Router extends Published | Served> = Router['_def']['_config']['$types']['errorShape']

export type Proof = [
  Holds<Same<Flat<inferRouterInputs<Published>>, Flat<inferRouterInputs<Served>>>>,
  Holds<Same<Flat<inferRouterOutputs<Published>>, Flat<inferRouterOutputs<Served>>>>,
  Holds<Same<Flat<Errors<Published>>, Flat<Errors<Served>>>>,
]
