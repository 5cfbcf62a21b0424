import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** Workspace packages are tested from their sources, so no test waits for a build or sees a stale one. */
const SOURCE = '@latchkey/source'

/** For every environment of Vite, that of the global setup too; `resolve.conditions` does not reach them all. */
const SOURCES_FIRST = { name: 'sources-first', configEnvironment: () => ({ resolve: { conditions: [SOURCE] } }) }

const root = import.meta.dirname

/**
 * Test files at a time. Two at least: most of a test's time is PostgreSQL's. More than the cores only makes races of
 * timing. Each project says it, too: one that says nothing has half the cores, and holds back all others.
 */
const WORKERS = Math.max(2, availableParallelism() - 1)

/** Tests that measure: they run after all others and one at a time, because what else runs would be measured, too. */
const MEASURES = ['src/**/{budget,cluster,*-plans}.test.ts']

/** What runs everything else needs no database and no sources of ours. */
const SCRIPTS: TestProjectInlineConfiguration = {
  extends: false,
  root,
  test: { name: 'scripts', maxWorkers: WORKERS, include: ['scripts/*.test.mjs'], testTimeout: 20_000 },
}

export default defineConfig({
  plugins: [SOURCES_FIRST],
  test: {
    // Starts the one PostgreSQL of the run, and its template.
    globalSetup: ['packages/core/src/testing/global-setup.ts'],
    projects: [...['packages', 'apps'].flatMap(projectsBelow), SCRIPTS],
    maxWorkers: WORKERS,
    // The counts that `.ci/run` adds up.
    reporters: ['default', ['json', { outputFile: 'reports/test.json' }]],
  },
})

/** One project for each package below a folder that holds a `src`. */
function projectsBelow(folder: string): TestProjectInlineConfiguration[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, folder, entry.name, 'src')))
    .flatMap(({ name }) => [
      project(`${folder}/${name}`, { exclude: MEASURES, maxWorkers: WORKERS }),
      project(`${folder}/${name}`, { include: MEASURES, maxWorkers: 1, sequence: { groupOrder: 1 } }),
    ])
}

function project(path: string, files: TestProjectInlineConfiguration['test'] & object): TestProjectInlineConfiguration {
  return {
    // Else the root's global setup would run once more for each project.
    extends: false,
    root: join(root, path),
    plugins: [SOURCES_FIRST],
    test: {
      name: files.include === undefined ? path : `${path}, measured`,
      include: ['src/**/*.test.{ts,tsx}'],
      environment: 'node',
      // For what a test starts itself: a worker or a second server process resolves sources too.
      execArgv: [`--conditions=${SOURCE}`],
      testTimeout: 20_000,
      hookTimeout: 60_000,
      ...files,
    },
  }
}
