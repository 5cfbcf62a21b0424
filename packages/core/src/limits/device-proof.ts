import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Core } from '../core.ts'
import { type DerivedKeys, knownKeys, mac, type RootKeys } from '../crypto.ts'
import { accountKeyOf } from './account-key.ts'

const VERSION = 1
const ID_BYTES = 16
const ACCOUNT_BYTES = 8
const MAC_BYTES = 16
/** Version, device, and the day of issue. */
const HEAD_BYTES = 1 + ID_BYTES + 4
/** Of one device; who logs in to more is known by the last ones. */
const ACCOUNTS_MAX = 5
const DAY_MS = 86_400_000
/** Days; each login issues a new proof. */
const LIFETIME_DAYS = 365
/** Characters of the longest proof, with room for versions to come. */
const LENGTH_MAX = 400

interface Proof {
  /** 16 random bytes, for the life of the device. */
  device: Buffer
  /** What names the accounts, the last login first. */
  accounts: Buffer[]
}

/**
 * Says that an owner of an account has logged in from a device. The client keeps it and sends it with its next login,
 * which then counts for itself: whoever floods an account from elsewhere does not keep its owner out. It logs nobody in.
 *
 * It is signed, and names accounts by MACs only: to others it says nothing.
 *
 * @param previous what the client sent: a device keeps its id, and the accounts it is known for
 * @param email as it was typed
 * @returns base64url, less than 200 characters
 */
export function issueDeviceProof(core: Core, previous: string | null, email: string): string {
  const keys = core.keysInForce()
  const day = dayOf(core.clock.now())
  const { device, accounts } = parse(core, previous, day) ?? { device: randomBytes(ID_BYTES), accounts: [] }
  const account = accountMac(keys, device, email)
  const known = accountMacs(core, device, email)
  const others = accounts.filter((other) => !known.some((each) => each.equals(other)))
  const issued = Buffer.alloc(4)
  issued.writeUInt32BE(day)
  const body = Buffer.concat([Buffer.from([VERSION]), device, issued, account, ...others.slice(0, ACCOUNTS_MAX - 1)])
  return Buffer.concat([body, mac(keys.device, body)]).toString('base64url')
}

/**
 * Reads a device proof. Whatever a client sends as one, it is good or it counts for nothing.
 *
 * @returns the id of the device, if this account is one that it is known for
 */
export function readDeviceProof(core: Core, proof: string | null, email: string): string | undefined {
  const parsed = parse(core, proof, dayOf(core.clock.now()))
  if (parsed === undefined) return undefined
  const macs = accountMacs(core, parsed.device, email)
  return parsed.accounts.some((known) => macs.some((each) => each.equals(known)))
    ? parsed.device.toString('base64url')
    : undefined
}

function parse(root: RootKeys, proof: string | null, today: number): Proof | undefined {
  if (proof === null || proof.length > LENGTH_MAX) return undefined
  const bytes = Buffer.from(proof, 'base64url')
  const accountsLength = bytes.length - HEAD_BYTES - MAC_BYTES
  if (accountsLength <= 0 || accountsLength % ACCOUNT_BYTES !== 0 || bytes[0] !== VERSION) return undefined
  const body = bytes.subarray(0, -MAC_BYTES)
  const given = bytes.subarray(-MAC_BYTES)
  if (!knownKeys(root).some(({ device }) => timingSafeEqual(given, mac(device, body)))) return undefined
  const age = today - body.readUInt32BE(1 + ID_BYTES)
  if (age > LIFETIME_DAYS) return undefined
  const accounts: Buffer[] = []
  for (let at = HEAD_BYTES; at < body.length; at += ACCOUNT_BYTES) accounts.push(body.subarray(at, at + ACCOUNT_BYTES))
  return { device: body.subarray(1, 1 + ID_BYTES), accounts }
}

/** Names an account on one device only, so that proofs of two devices cannot be compared. */
function accountMac(keys: DerivedKeys, device: Buffer, email: string): Buffer {
  return mac(keys.device, device, Buffer.from(accountKeyOf(keys, email))).subarray(0, ACCOUNT_BYTES)
}

/** The names that an account may have: a proof keeps those of other accounts as they are, whatever secret they are under. */
function accountMacs(root: RootKeys, device: Buffer, email: string): Buffer[] {
  return knownKeys(root).map((keys) => accountMac(keys, device, email))
}

const dayOf = (time: Date) => Math.floor(time.getTime() / DAY_MS)
