/** Starts, recovers and stops a PostgreSQL of our own, and gives out its URL. Knows nothing of who uses it. */
export { cloneDatabase, createDatabase, type DatabaseServer, dropDatabase, serverAt } from './databases.ts'
export { EmbeddedPostgresError } from './error.ts'
export { removeDataDir } from './home.ts'
export { type Settings } from './settings.ts'
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './start.ts'
export { startThrowAwayPostgres } from './throw-away.ts'
