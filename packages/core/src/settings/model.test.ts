import * as fc from 'fast-check'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { expect, test, type TestClock } from '../testing/test.ts'
import { rollbackSettings, saveSettings } from './change.ts'
import { loadSettings } from './follow.ts'
import type { SettingName, SettingValues } from './registry.ts'
import { brokenRules, createSettings } from './snapshot.ts'

/** Values on both sides of the rule between the two lifetimes. */
const SECONDS = [30, 3600, 7200, 86_400]

const ACCESS_TOKEN_LIFETIME = fc.constantFrom(...SECONDS)
const REFRESH_TOKEN_LIFETIME = fc.constantFrom(60, 3600, 7200)
const values = fc.record(
  {
    ACCESS_TOKEN_LIFETIME: fc.option(ACCESS_TOKEN_LIFETIME),
    REFRESH_TOKEN_LIFETIME: fc.option(REFRESH_TOKEN_LIFETIME),
    REFRESH_GRACE: fc.option(fc.constantFrom(0, 5, 60)),
    PASSWORD_OWN_WORDS: fc.option(fc.subarray(['latchkey', 'example'])),
  },
  { requiredKeys: [] },
)

const instance = fc.nat(2)
const steps = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('save' as const), instance, values }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('override' as const),
      instance,
      values,
      seconds: fc.constantFrom(10, 100),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rollback' as const), instance, back: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(9, 10, 100) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const), instance }) },
)
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never

/** What the environment of an instance locks: alone it breaks no rule, or the instance would not have started. */
const locks = fc.constantFrom<Partial<SettingValues>>(
  {},
  { REFRESH_TOKEN_LIFETIME: 3600 },
  { ACCESS_TOKEN_LIFETIME: 7200 },
  { REFRESH_GRACE: 3 },
)

const FORGET_ALL = statement('test.forget-all', 'delete from settings_revision')

interface World {
  cores: Core[]
  clock: TestClock
  /** What was in force on each instance when a revision was new, where that instance has seen it. */
  seen: Map<string, Readonly<SettingValues>>
}

async function take({ cores, clock, seen }: World, step: Step): Promise<void> {
  if (step.kind === 'wait') return clock.advance(step.seconds)
  const core = cores[step.instance]!
  const base = await loadSettings(core)
  if (step.kind === 'look') return
  if (step.kind === 'rollback') {
    const to = Math.max(0, base - step.back)
    const { revision } = await rollbackSettings(core, { to, base }, COMMAND)
    // None is made where there is nothing to bring back.
    expect([base, base + 1]).toContain(revision)
    const old = seen.get(`${step.instance} ${to}`)
    if (old !== undefined) expect(core.settings.current()).toEqual(old)
    return
  }
  const forSeconds = step.kind === 'override' ? { forSeconds: step.seconds } : {}
  const saved = await saveSettings(core, { changes: step.values, base, ...forSeconds }, COMMAND).catch(refusal)
  if (saved === undefined) return expect(core.settings.revision()).toBe(base)
  // What was accepted is in force here, all of it.
  for (const [name, value] of Object.entries(step.values)) {
    expect(core.settings.current()).toHaveProperty(name, value ?? core.settings.defaults[name as SettingName])
  }
}

/** Undefined for a change that may be refused. */
function refusal(error: unknown): undefined {
  const codes = error instanceof LatchkeyError ? error.fields?.map(({ code }) => code) : undefined
  if (codes === undefined) throw error
  for (const code of codes) expect(['setting_rule_broken', 'setting_locked', 'changes_empty']).toContain(code)
}

test('whatever is saved, overridden, rolled back, locked or waited for: no rule is ever broken, and a rollback brings back exactly what was', {
  timeout: 120_000,
}, async ({ createInstance, migratedDatabase, clock }) => {
  const core = await createInstance({ databaseUrl: await migratedDatabase() })
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(locks, locks, locks),
      fc.array(steps, { minLength: 5, maxLength: 20 }),
      async (environments, plan) => {
        await core.db.many(FORGET_ALL, [])
        // Instances of one database: only their settings differ.
        const cores = environments.map((environment) => {
          return { ...core, settings: createSettings({ production: false, environment, clock }) }
        })
        const world: World = { cores, clock, seen: new Map() }
        const look = () => {
          for (const [at, { settings }] of cores.entries()) {
            expect(brokenRules(settings.current())).toEqual([])
            const key = `${at} ${settings.revision()}`
            if (!world.seen.has(key)) world.seen.set(key, settings.current())
          }
        }
        look()
        for (const step of plan) {
          await take(world, step)
          look()
        }
        // In the end all agree on what is the newest revision.
        const revisions = await Promise.all(cores.map(loadSettings))
        expect(new Set(revisions).size).toBe(1)
        look()
      },
    ),
    { numRuns: 200 },
  )
})
