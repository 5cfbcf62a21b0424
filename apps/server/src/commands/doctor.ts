import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import { readVersion } from '../version.ts'
import { command, type JsonOption } from './define.ts'
import { keysFinding, schemaFinding, serverFindings } from './doctor/database.ts'
import { diskFinding } from './doctor/disk.ts'
import { environmentFindings } from './doctor/environment.ts'
import { checkOf, type Finding, type Outcome } from './doctor/finding.ts'
import {
  adminsFinding,
  auditFinding,
  instancesFinding,
  registrationFinding,
  settingsFinding,
} from './doctor/operation.ts'
import { CommandError, EXIT } from './exit.ts'
import { explain } from './failure.ts'
import { answer, bold, clean, dim, note, print } from './output.ts'
import { type Opened, withCore } from './with-core.ts'

/** `latchkey doctor`. */
export function registerDoctor(program: Command): void {
  command(program, 'doctor', {
    summary: 'check environment, database and operation, and say how to mend what is wrong',
    details: 'It changes nothing. The exit code is 1 if a check failed; notes and warnings leave it at 0.',
    examples: ['latchkey doctor', 'latchkey doctor --json'],
  }).action(doctor)
}

async function doctor(options: JsonOption): Promise<void> {
  const findings = await examine()
  const failures = findings.filter(({ outcome }) => outcome === 'failure').length
  const items = findings.map(({ remedy = null, ...finding }) => ({ ...finding, remedy }))
  answer(options, { ok: failures === 0, items }, () => {
    for (const finding of findings) show(finding)
    note(summary(findings))
  })
  if (failures > 0) process.exitCode = EXIT.failed
}

async function examine(): Promise<Finding[]> {
  const environment = await givenEnvironment()
  if ('outcome' in environment) return [environment]
  const findings = environmentFindings(environment)
  try {
    await withCore(async (opened) => void findings.push(...(await examineDatabase(opened))), { schema: 'any' })
  } catch (error) {
    findings.push(await unreachable(error), ...(await attempt('disk', () => diskFinding(environment, null))))
  }
  return findings
}

async function givenEnvironment(): Promise<Environment | Finding> {
  const { readEnvironment } = await import('../environment.ts')
  try {
    return readEnvironment(process.env)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return checkOf('environment').failure(error.message, 'Correct the variables that are named.')
  }
}

/** Each check by itself: one that cannot be made is a failure, and the others are made all the same. */
async function examineDatabase(opened: Opened): Promise<Finding[]> {
  const { core, domain, environment, database } = opened
  let dataFolder: string | null = null
  const server = await attempt('database', async () => {
    const facts = await domain.serverFacts(core)
    dataFolder = facts.dataFolder
    return serverFindings(facts, database)
  })
  const disk = await attempt('disk', () => diskFinding(environment, dataFolder))
  const schema = await attempt('migrations', () => schemaFinding(opened))
  const pending = schema.some(({ remedy }) => remedy?.includes('migrate up'))
  return [...server, ...disk, ...schema, ...(pending ? [] : await examineContent(opened))]
}

/** What takes a schema of this version. */
async function examineContent(opened: Opened): Promise<Finding[]> {
  const { core, domain, environment } = opened
  const keys = await attempt('keys', () => keysFinding(opened))
  const rest = await attempt('operation', async () => {
    await domain.loadSettings(core)
    const [facts, settings] = [await domain.contentFacts(core), domain.listSettings(core)]
    return [
      registrationFinding(settings, environment),
      adminsFinding(facts, environment),
      settingsFinding(settings),
      instancesFinding(await domain.listInstances(core), facts.revision, readVersion()),
      auditFinding(facts, domain.EVENTS_COUNTED_MAX),
    ]
  })
  return [...keys, ...rest]
}

async function attempt(check: string, look: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await look()].flat()
  } catch (error) {
    if (error instanceof CommandError) throw error
    const { message } = await explain(error)
    return [checkOf(check).failure(`It cannot be checked. ${message}`, 'See the log of the database.')]
  }
}

async function unreachable(error: unknown): Promise<Finding> {
  const { message, exitCode } = await explain(error)
  if (message === '') throw new CommandError(exitCode, '') // stopped by a signal
  return checkOf('database').failure(message, 'Start it, or correct DATABASE_URL.')
}

const WORDS: Record<Outcome, string> = { ok: 'ok', note: 'note', warning: 'warning', failure: 'FAILURE' }
const WIDTH = 'warning'.length

function show({ check, outcome, says, remedy }: Finding): void {
  const word = WORDS[outcome].padEnd(WIDTH)
  const indent = ' '.repeat(WIDTH + 2)
  const [first = '', ...more] = says.split('\n').map(clean)
  print(`${outcome === 'ok' ? dim(word) : bold(word)}  ${bold(check)}: ${first}`)
  for (const line of more) print(`${indent}${line}`)
  if (remedy !== undefined) print(`${indent}-> ${clean(remedy)}`)
}

function summary(findings: Finding[]): string {
  const count = (outcome: Outcome) => findings.filter((finding) => finding.outcome === outcome).length
  const parts = [
    [count('failure'), 'failed'],
    [count('warning'), 'with a warning'],
    [count('note'), 'with a note'],
    [count('ok'), 'ok'],
  ] as const
  return `${parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`])).join(', ')}.`
}
