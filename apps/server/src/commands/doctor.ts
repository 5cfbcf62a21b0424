import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import { readVersion } from '../version.ts'
import { command, type JsonOption } from './define.ts'
import { schemaFinding, serverFindings } from './doctor/database.ts'
import { keysFinding } from './doctor/keys.ts'
import { diskFinding } from './doctor/disk.ts'
import { environmentFindings } from './doctor/environment.ts'
import { checkOf, type Finding, type Outcome } from './doctor/finding.ts'
import { secretFinding } from './doctor/secret.ts'
import {
  adminsFinding,
  auditFinding,
  instancesFinding,
  registrationFinding,
  sessionsFinding,
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
  const secret = await secretFinding(environment)
  const findings = [...environmentFindings(environment), secret]
  if (environment.databaseUrl === undefined && !existsSync(join(environment.dataDir, 'postgres'))) {
    findings.push(notYetMade(environment), ...(await diskAlone(environment)))
    return findings
  }
  // Only where none is kept, or none that can be read: nothing is made just for looking.
  const standIn = secret.outcome === 'ok' ? {} : { rootSecret: randomBytes(36).toString('base64url') }
  try {
    const look = async (opened: Opened) => void findings.push(...(await examineDatabase(opened)))
    await withCore(look, { schema: 'any', ...standIn })
  } catch (error) {
    findings.push(await unreachable(error, environment), ...(await diskAlone(environment)))
  }
  return findings
}

const diskAlone = (environment: Environment) => attempt('disk', () => diskFinding(environment, null))

async function givenEnvironment(): Promise<Environment | Finding> {
  const { readEnvironment } = await import('../environment.ts')
  try {
    return readEnvironment(process.env)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const remedy = 'Correct the variables that are named, then run this again: all other checks need them.'
    return checkOf('environment').failure(error.message, remedy)
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
      sessionsFinding(facts),
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

/** The first start has not been yet. */
function notYetMade({ dataDir }: Environment): Finding {
  const says = `DATABASE_URL is not set, and there is no embedded PostgreSQL in ${dataDir} yet.`
  return checkOf('database').note(says, 'The first start makes it: latchkey serve')
}

async function unreachable(error: unknown, { databaseUrl }: Environment): Promise<Finding> {
  const { message, exitCode } = await explain(error)
  if (message === '') throw new CommandError(exitCode, '') // stopped by a signal
  const remedy =
    databaseUrl === undefined
      ? 'See that LATCHKEY_DATA_DIR is right and that its folder can be written; PostgreSQL keeps its log there.'
      : 'Start it, or correct DATABASE_URL.'
  return checkOf('database').failure(message, remedy)
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
