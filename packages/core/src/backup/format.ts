import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { mac } from '../crypto.ts'
import { UnfitBackupError } from './unfit.ts'

/*
 * A backup is gzip, so that `zcat` shows it, of JSON lines: a header, a line for each row, and a last line with what there
 * must have been. That last line is a member of its own, as RFC 1952 allows, because it holds the SHA-256 of all bytes of
 * the file before it. (A checksum of the text would let through a flipped bit in what gzip ignores.)
 */

/** Every table that a backup holds, in the order in which they are written and restored. */
export const BACKUP_TABLES = [
  'account',
  'session',
  'signing_key',
  'settings_revision',
  'audit_event',
  'statistic',
] as const

/** One of {@link BACKUP_TABLES}. */
export type BackupTable = (typeof BACKUP_TABLES)[number]

/** What numbers rows, and the table whose `id` it is. */
export const BACKUP_SEQUENCES = { account_id_seq: 'account', audit_event_id_seq: 'audit_event' } as const

/** One of {@link BACKUP_SEQUENCES}. */
export type BackupSequence = keyof typeof BACKUP_SEQUENCES

/** The names of both. */
export const SEQUENCE_NAMES = Object.keys(BACKUP_SEQUENCES) as BackupSequence[]

const FORMAT = 'latchkey-backup'
const FORMAT_VERSION = 1

const count = () => z.int().min(0)

const Header = z.object({
  format: z.literal(FORMAT),
  format_version: z.int(),
  /** The version of Latchkey that wrote it. */
  latchkey: z.string(),
  at: z.iso.datetime(),
  /** The names of all migrations that the database had. */
  migrations: z.array(z.string()),
  /** A MAC under a key of the root secret: tells another secret, and nothing of the secret itself. */
  root_secret: z.string(),
  /** The last numbers that were given out. An id is never given out again, also where its row is gone. */
  sequences: z.record(z.enum(SEQUENCE_NAMES), count()),
  /** The time of the oldest audit event. */
  audit_from: z.iso.datetime().nullable(),
})

/** The first line. */
export type BackupHeader = z.output<typeof Header>

/** What differs between the headers of one root secret. */
export type HeaderFacts = Omit<BackupHeader, 'format' | 'format_version' | 'root_secret'>

/** How many rows of each table. */
export type RowCounts = Record<BackupTable, number>

/** To begin counting. */
export const noRows = (): RowCounts => ({
  account: 0,
  session: 0,
  signing_key: 0,
  settings_revision: 0,
  audit_event: 0,
  statistic: 0,
})

const Trailer = z.object({
  rows: z.record(z.enum(BACKUP_TABLES), count()),
  /** Of every byte before this member. */
  sha256: z.string(),
  /** The same under a key of the root secret: who does not know that cannot make a backup up, or change one. */
  mac: z.string(),
})

/** The last line. */
export type BackupTrailer = z.output<typeof Trailer>

/** The first line, without what is always the same. */
export function headerLine(key: KeyObject, facts: HeaderFacts): string {
  const header: BackupHeader = {
    format: FORMAT,
    format_version: FORMAT_VERSION,
    root_secret: fingerprint(key),
    ...facts,
  }
  return `${JSON.stringify(header)}\n`
}

/**
 * Reads the first line, and finds the key that belongs to it.
 *
 * @param keys those that the backup may have been made under
 * @throws UnfitBackupError when this version cannot read such a backup, or another root secret belongs to it
 */
export function readHeader(keys: KeyObject[], line: string | undefined): { header: BackupHeader; key: KeyObject } {
  const header = Header.safeParse(jsonOf(line)).data
  if (header === undefined) throw new UnfitBackupError('not_a_backup', 'This is not a backup of Latchkey.')
  if (header.format_version !== FORMAT_VERSION) {
    throw new UnfitBackupError(
      'other_format',
      `The backup has format ${header.format_version}, and this version reads ${FORMAT_VERSION}. Restore it with Latchkey ${header.latchkey}.`,
    )
  }
  const key = keys.find((each) => header.root_secret === fingerprint(each))
  if (key === undefined) {
    throw new UnfitBackupError(
      'wrong_secret',
      'The root secret is not the one that this backup belongs to: no session and no signing key in it could be used. Set LATCHKEY_SECRET to that of the server that was backed up, or LATCHKEY_SECRET_PREVIOUS if it was changed since; a local one keeps it in the file `secret` of its data folder.',
    )
  }
  return { header, key }
}

const fingerprint = (key: KeyObject): string => mac(key, Buffer.from('root secret')).toString('base64url')

/** Before the JSON of a row, on its line. */
const rowPrefix = (table: BackupTable): string => `{"table":"${table}","row":`

/** The line of a row, from the JSON that PostgreSQL makes of it: no number in it goes through JavaScript. */
export const rowLine = (table: BackupTable, json: string): string => `${rowPrefix(table)}${json}}\n`

/** The table and the JSON of a line; undefined if it is no line of a row. */
export function rowOf(line: string): { table: BackupTable; json: string } | undefined {
  const table = BACKUP_TABLES.find((each) => line.startsWith(rowPrefix(each)))
  return table && { table, json: line.slice(rowPrefix(table).length, -1) }
}

/** The text of the last line. */
export function trailerText(key: KeyObject, rows: RowCounts, sha256: Buffer): string {
  const trailer: BackupTrailer = { rows, sha256: sha256.toString('hex'), mac: mac(key, sha256).toString('base64url') }
  return `${JSON.stringify(trailer)}\n`
}

/** Reads the last line; undefined if it is none. */
export const readTrailer = (text: string): BackupTrailer | undefined => Trailer.safeParse(jsonOf(text)).data

/** Whether the root secret has made this trailer. */
export const isAuthentic = (key: KeyObject, { sha256, mac: given }: BackupTrailer): boolean =>
  mac(key, Buffer.from(sha256, 'hex')).toString('base64url') === given

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
