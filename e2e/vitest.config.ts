import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // They start servers and install packages: side by side they would only wait for each other.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // The counts that `.ci/run` adds up.
    reporters: ['default', ['json', { outputFile: '../reports/e2e.json' }]],
  },
})
