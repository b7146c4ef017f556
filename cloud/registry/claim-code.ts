import { createHmac } from 'node:crypto';

/** Crockford's base 32: no I, L, O and U, so that a code read out over the phone has one spelling. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 10;
const codeShape = new RegExp(`^[${alphabet}]{${codeLength}}$`);

export const claimLifeMs = 15 * 60 * 1000;

/** What is kept of a code: never the code. */
export interface ClaimRecord {
  /** HMAC-SHA-256 of the code, hex: its key in the table. */
  readonly mac: string;
  /** Milliseconds since 1970 UTC. */
  readonly expiresAt: number;
  readonly usedAt?: number | undefined;
}

/** What the table of codes must offer. `use` is a compare-and-set: true for exactly one caller. */
export interface ClaimCodes<Row extends ClaimRecord = ClaimRecord> {
  find(mac: string): Promise<Row | undefined>;
  use(mac: string, usedAt: number): Promise<boolean>;
}

export type ClaimVerdict =
  | { readonly holds: true }
  | { readonly holds: false; readonly reason: 'malformed' | 'unknown' | 'used' | 'expired' };

/** Draws a new code (50 bits). `random` gives that many random bytes; the secret is the cloud's own. */
export function makeClaimCode(
  secret: string | Uint8Array,
  now: number,
  random: (bytes: number) => Uint8Array,
): { code: string; record: ClaimRecord } {
  const code = [...random(codeLength)].map((byte) => alphabet[byte & 31]).join('');
  return { code, record: { mac: macOf(secret, code), expiresAt: now + claimLifeMs } };
}

/** The code as people read it: two groups of five. */
export function showClaimCode(code: string): string {
  return `${code.slice(0, 5)}-${code.slice(5)}`;
}

/** A typed code as it was made: case, hyphens, blanks and the letters that look like digits do not matter. */
export function readClaimCode(typed: string): string | undefined {
  const plain = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return codeShape.test(plain) ? plain : undefined;
}

/** Where a typed code stands in the table; undefined for what can be no code. */
export function claimMac(secret: string | Uint8Array, typed: string): string | undefined {
  const code = readClaimCode(typed);
  return code === undefined ? undefined : macOf(secret, code);
}

/** Whether a record found by `claimMac` still opens the door. */
export function judgeClaim(record: ClaimRecord | undefined, now: number): ClaimVerdict {
  if (record === undefined) return { holds: false, reason: 'unknown' };
  if (record.usedAt !== undefined) return { holds: false, reason: 'used' };
  return now < record.expiresAt ? { holds: true } : { holds: false, reason: 'expired' };
}

/** Finds, judges and uses a typed code. Of two that come at once, one holds. */
export async function redeemClaim<Row extends ClaimRecord>(
  codes: ClaimCodes<Row>,
  secret: string | Uint8Array,
  typed: string,
  now: number,
): Promise<(ClaimVerdict & { holds: false }) | { readonly holds: true; readonly row: Row }> {
  const mac = claimMac(secret, typed);
  if (mac === undefined) return { holds: false, reason: 'malformed' };
  const row = await codes.find(mac);
  const verdict = judgeClaim(row, now);
  if (!verdict.holds) return verdict;
  if (row === undefined || !(await codes.use(mac, now))) return { holds: false, reason: 'used' };
  return { holds: true, row };
}

function macOf(secret: string | Uint8Array, code: string): string {
  return createHmac('sha256', secret).update(`yihu claim ${code}`).digest('hex');
}
