import { createHash } from 'node:crypto'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'
import { type BackupTrailer, readTrailer } from './format.ts'
import { findTail, TAIL_BYTES_MAX } from './tail.ts'
import { UnfitBackupError } from './unfit.ts'

/** Characters of a line at most: what is no backup might have none that ends. */
const LINE_LENGTH_MAX = 2 ** 24
const CHUNK_BYTES = 2 ** 16
const GZIP_START = Buffer.from('1f8b', 'hex')

/** A backup that lies whole on this machine, and is not damaged. */
export interface SpooledBackup {
  trailer: BackupTrailer
  /** All lines before the last one. Can be read more than once. @throws UnfitBackupError */
  lines: () => AsyncGenerator<string>
}

/**
 * Takes in a backup, checks that not a bit of it is missing or differs, and gives it to `work`: so what was checked is
 * what is restored, even where it comes through a pipe, or somebody writes to the file meanwhile.
 *
 * It lies in a file without a name, which is gone with this process whatever happens.
 *
 * @throws UnfitBackupError
 */
export async function spooled<T>(from: Readable, work: (backup: SpooledBackup) => Promise<T>): Promise<T> {
  const file = await openNameless()
  try {
    await file.writeFile(from)
    const { trailer, length } = await readTail(file)
    if ((await sha256Of(file, length)) !== trailer.sha256) throw damaged('Its checksum is not that of its content.')
    return await work({ trailer, lines: () => linesOf(file, length) })
  } finally {
    await file.close()
  }
}

async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-restore-'))
  try {
    return await open(join(folder, 'backup'), 'wx+', 0o600)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns the last line, and the length of all before it */
async function readTail(file: FileHandle): Promise<{ trailer: BackupTrailer; length: number }> {
  const { size } = await file.stat()
  const start = await bytesOf(file, 0, GZIP_START.length)
  if (!start.equals(GZIP_START)) throw new UnfitBackupError('not_a_backup', 'This is not a backup of Latchkey.')
  const tail = findTail(await bytesOf(file, Math.max(0, size - TAIL_BYTES_MAX), TAIL_BYTES_MAX))
  const trailer = tail && readTrailer(tail.text)
  if (trailer === undefined || tail === undefined || tail.length === size)
    throw damaged('Its last line is missing or not whole: it was cut off, or is no backup.')
  return { trailer, length: size - tail.length }
}

async function bytesOf(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

async function sha256Of(file: FileHandle, length: number): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunksOf(file, length)) hash.update(chunk)
  return hash.digest('hex')
}

async function* linesOf(file: FileHandle, length: number): AsyncGenerator<string> {
  const gunzip = createGunzip()
  // Whatever goes wrong is thrown to whoever reads from the last of them.
  pipeline(Readable.from(chunksOf(file, length)), gunzip, () => {})
  // Not `readline`: that takes U+2028, which JSON may hold as it is, for the end of a line.
  const decoder = new StringDecoder('utf8')
  let rest = ''
  try {
    for await (const chunk of gunzip) {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LINE_LENGTH_MAX) throw damaged('A line of it has no end.')
      yield* lines
    }
  } catch (error) {
    throw isOfZlib(error) ? damaged('It cannot be decompressed.', error) : error
  }
  if (rest !== '') throw damaged('A line of it has no end.')
}

async function* chunksOf(file: FileHandle, length: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < length; ) {
    const chunk = await bytesOf(file, position, Math.min(CHUNK_BYTES, length - position))
    position += chunk.length
    yield chunk
  }
}

const isOfZlib = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')

function damaged(why: string, cause?: unknown): UnfitBackupError {
  return new UnfitBackupError(
    'damaged',
    `The backup is damaged. ${why} Nothing was changed; take another copy of it.`,
    cause,
  )
}
