import { misused, refused } from './exit.ts'
import { WIDTH_UNKNOWN } from './output.ts'

/** The options of a command that asks before it does something. */
export interface YesOption {
  yes?: boolean
}

/** The options of a command that needs a password. */
export interface PasswordOption {
  passwordStdin?: boolean
}

/** How `--yes` reads everywhere. */
export const YES = ['-y, --yes', 'do not ask'] as const

/** How `--password-stdin` reads everywhere. A password in the arguments would be seen by everybody on the machine. */
export const PASSWORD_STDIN = ['--password-stdin', 'read the password from the first line of stdin'] as const

/** Whether somebody sits there who can be asked. Questions go to stderr: stdout is for data. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/**
 * Asks whether to go on, unless `--yes` says so.
 *
 * @throws CommandError refused: the answer is no, or there is nobody to ask
 */
export async function confirm(question: string, { yes }: YesOption): Promise<void> {
  if (yes) return
  if (!canAsk()) throw refused(`${question}\nNobody can be asked here, so nothing was changed: say --yes.`)
  const { confirm: ask } = await prompts()
  const answer = await untilEnd((signal) =>
    ask({ message: question, initialValue: false, output: process.stderr, signal }),
  )
  if (answer !== true) throw refused('Nothing was changed.')
}

/**
 * Gets a new password: by a hidden prompt, twice, or from stdin.
 *
 * @throws CommandError when there is neither, or the two differ
 */
export async function askNewPassword(options: PasswordOption): Promise<string> {
  if (options.passwordStdin) return await firstLine('password')
  const password = await askSecret('New password', 'Give it by --password-stdin: the first line of stdin.')
  const again = await askSecret('The same again', '')
  if (password !== again) throw refused('The two passwords differ. Nothing was changed.')
  return password
}

/**
 * Gets a token: by a hidden prompt, or from stdin where that is no terminal. Never from the arguments.
 *
 * @throws CommandError when there is none
 */
export async function askToken(): Promise<string> {
  return canAsk() ? (await askSecret('Token', '')).trim() : await firstLine('token')
}

/**
 * Asks for something that may be seen.
 *
 * @param otherwise what to do where nobody can be asked
 */
export async function askText(message: string, otherwise: string): Promise<string> {
  if (!canAsk()) throw misused(otherwise)
  const { text } = await prompts()
  return given(await untilEnd((signal) => text({ message, output: process.stderr, signal })))
}

async function askSecret(message: string, otherwise: string): Promise<string> {
  if (!canAsk()) throw misused(`Nobody can be asked for a password here. ${otherwise}`)
  const { password } = await prompts()
  return given(await untilEnd((signal) => password({ message, output: process.stderr, signal })))
}

const CTRL_D = '\u0004'

/** Ends a prompt by Ctrl-D, too: the prompt itself would then wait for a line that never comes. */
async function untilEnd<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController()
  const watch = (typed: Buffer | string) => {
    if (typed.toString().includes(CTRL_D)) ended.abort()
  }
  process.stdin.on('data', watch)
  try {
    return await ask(ended.signal)
  } finally {
    process.stdin.off('data', watch)
  }
}

/** What was typed; by Ctrl-C or Ctrl-D it is a symbol, and Enter alone gives undefined. */
function given(typed: string | symbol | undefined): string {
  if (typeof typed === 'symbol') throw refused('Nothing was changed.')
  return typed ?? ''
}

/** Loaded only where somebody is asked. */
async function prompts() {
  // Some terminals do not tell their width, and each letter would get a line of its own.
  if (process.stderr.columns === 0) process.stderr.columns = WIDTH_UNKNOWN
  return await import('@clack/prompts')
}

/** All of stdin. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function firstLine(what: string): Promise<string> {
  const [line = ''] = (await readStdin()).split(/\r?\n/, 1)
  if (line === '') throw misused(`There is no ${what} on stdin.`)
  return line
}
