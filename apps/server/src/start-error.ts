/** Why the server does not start. Its message says what is wrong and what to do, and is all that an operator needs. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
