import type { AppRouter, ErrorData } from '@latchkey/api'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'

// The only file that names the server's packages, and only their types: the build puts the router's own shape in their
// place, so that what is published needs neither of them.
export type { AppRouter, ErrorData }

type Inputs = inferRouterInputs<AppRouter>
type Outputs = inferRouterOutputs<AppRouter>

/** What {@link Latchkey.register} needs. */
export type Registration = Inputs['auth']['register']
/** A new account. */
export type Registered = Outputs['auth']['register']
/** What {@link Latchkey.login} needs. */
export type Credentials = Inputs['auth']['login']
/** The account of a session. `username` is empty until it is set. */
export type Me = Outputs['me']['get']
/** What of it {@link Latchkey.updateMe} changes; what is absent stays. */
export type MeChange = Inputs['me']['update']
/** What {@link Latchkey.changePassword} needs. */
export type PasswordChange = Inputs['me']['changePassword']
/** One place where the account is logged in. */
export type OwnSession = Outputs['me']['sessions']['list']['items'][number]
/** Why a call was refused by the server, in a stable form. */
export type ServerErrorCode = ErrorData['code']
/** One fault in what was sent: where it lies (`['email']`), a stable code, and a sentence. */
export type FieldError = NonNullable<ErrorData['fields']>[number]
/** What others saved meanwhile, with `revision_conflict`. */
export type RevisionConflict = NonNullable<ErrorData['conflict']>
