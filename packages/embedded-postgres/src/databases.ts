import { escapeIdentifier } from 'pg'
import { withConnection } from './connection.ts'

/** A PostgreSQL whose databases have URLs: the embedded one, or any other by `serverAt(url)`. */
export interface DatabaseServer {
  urlOf(database: string): string
}

/** The server that a URL leads to, for a process that was only given the URL (a test worker, say). */
export function serverAt(url: string): DatabaseServer {
  return {
    urlOf(database) {
      const other = new URL(url)
      other.pathname = `/${encodeURIComponent(database)}`
      return other.href
    },
  }
}

/** Creates an empty database and gives its URL. */
export async function createDatabase(server: DatabaseServer, name: string): Promise<string> {
  return await create(server, name, 'template0')
}

/** Creates a database as a copy of `template`, to which nobody may be connected, and gives its URL. */
export async function cloneDatabase(server: DatabaseServer, name: string, template: string): Promise<string> {
  return await create(server, name, template)
}

/** Drops a database if it is there, cutting off whoever is connected to it. */
export async function dropDatabase(server: DatabaseServer, name: string): Promise<void> {
  await command(server, `drop database if exists ${escapeIdentifier(name)} with (force)`)
}

async function create(server: DatabaseServer, name: string, template: string): Promise<string> {
  await command(server, `create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`)
  return server.urlOf(name)
}

async function command(server: DatabaseServer, statement: string): Promise<void> {
  await withConnection(server.urlOf('postgres'), (client) => client.query(statement))
}
