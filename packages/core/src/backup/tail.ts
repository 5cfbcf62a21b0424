import { crc32 } from 'node:zlib'

/** How our last member begins: gzip, without a time, by no system in particular; and then a block that is not compressed. */
const START = Buffer.from('1f8b08000000000000ff01', 'hex')
/** Bytes: where the text begins (after its length, twice), and what comes after it (checksum and length). */
const TEXT_AT = START.length + 4
const AFTER_TEXT = 8

/** Bytes of a tail at most. */
export const TAIL_BYTES_MAX = 4096

/**
 * A gzip member (RFC 1952) that holds the text as it is. Made by hand, because so there is only one for a text: whether
 * one is whole is found by making it again, and not a bit of it may differ.
 */
export function tailOf(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt16LE(bytes.length)
  length.writeUInt16LE(~bytes.length & 0xffff, 2)
  const after = Buffer.alloc(AFTER_TEXT)
  after.writeUInt32LE(crc32(bytes))
  after.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([START, length, bytes, after])
}

/**
 * Finds the tail at the end of a file.
 *
 * @param end the last {@link TAIL_BYTES_MAX} bytes of it, or all of it
 * @returns its text, and its length in the file; undefined when there is none, or one that is not whole
 */
export function findTail(end: Buffer): { text: string; length: number } | undefined {
  const at = end.lastIndexOf(START)
  if (at < 0) return undefined
  const text = end.subarray(at + TEXT_AT, -AFTER_TEXT).toString()
  return tailOf(text).equals(end.subarray(at)) ? { text, length: end.length - at } : undefined
}
