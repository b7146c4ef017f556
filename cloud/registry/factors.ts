import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import type { FactorRecords, StoredFactor } from './factors-records.ts';
import { qrSvg } from './qr.ts';
import type { Sealer } from './sealing.ts';
import { base32, otpauthUri, stepOf, totp } from './totp.ts';
import { randomPassword } from './users-passwords.ts';
import type { User } from './users-records.ts';

/** 第二因素: who must have one. `optional`: once enrolled it is asked for; `required`: these roles get in with one or not at all. */
export type FactorRule = 'optional' | 'required';

/** Whoever may change who may do what, or send people and call residents. */
const factorRoles: readonly Role[] = ['admin', 'dispatcher'];

export function mustHaveFactor(rule: FactorRule, user: Pick<User, 'grants'>): boolean {
  return rule === 'required' && user.grants.some(({ role }) => factorRoles.includes(role));
}

/** What is shown once, to be read into an app. */
export interface Enrolment {
  /** Base 32, for typing. */
  readonly secret: string;
  readonly uri: string;
  /** The same as a QR code, SVG. */
  readonly qr: string;
}

export type CodeCheck =
  | { readonly ok: true; readonly recovery: boolean }
  | { readonly ok: false; readonly code: 'wrong-factor' | 'used-factor' }
  | { readonly ok: false; readonly code: 'locked'; readonly until: number };

export interface FactorStatus {
  readonly enrolledAt: number | null;
  readonly recoveryLeft: number;
}

export interface Factors {
  status(user: string): Promise<FactorStatus>;
  /** A new secret that waits for its first code; one in use stays good until then. */
  begin(user: Pick<User, 'id' | 'account'>): Promise<Enrolment>;
  /** The first code of the new secret: recovery codes, shown once. Ends every other session; `token` is the one that stays. */
  confirm(user: string, code: string, token: string | null): Promise<{ readonly ok: true; readonly recovery: string[] } | Wrong>;
  /** A code of the app (once, one step early or late) or a recovery code (once). */
  check(user: string, code: string): Promise<CodeCheck>;
  /** Forgets it and ends the account's sessions; false where there was none. */
  reset(user: string): Promise<boolean>;
}

interface Wrong {
  readonly ok: false;
  readonly code: 'wrong-factor' | 'nothing-pending';
}

const field = 'factor';

export function createFactors(records: FactorRecords, sealer: Sealer, clock: Clock): Factors {
  return {
    status: async (user) => {
      const factor = await records.factor(user);
      return { enrolledAt: factor?.confirmedAt ?? null, recoveryLeft: factor?.recoveryLeft ?? 0 };
    },
    begin: async ({ id, account }) => {
      const secret = randomBytes(totp.secretBytes);
      await records.putPending(id, sealer.seal(id, field, secret.toString('base64')), clock.now());
      const uri = otpauthUri('Yihu', account, secret);
      return { secret: base32(secret), uri, qr: qrSvg(uri) };
    },
    confirm: (user, code, token) => confirm(records, sealer, clock, { user, code, token }),
    check: (user, code) => check(records, sealer, clock, { user, code }),
    reset: (user) => records.dropFactor(user),
  };
}

function secretOf(sealer: Sealer, user: string, sealed: Buffer): Buffer {
  return Buffer.from(sealer.open(user, field, sealed), 'base64');
}

async function confirm(
  records: FactorRecords,
  sealer: Sealer,
  clock: Clock,
  { user, code, token }: { user: string; code: string; token: string | null },
): ReturnType<Factors['confirm']> {
  const now = clock.now();
  const { pending = null, pendingAt = null } = (await records.factor(user)) ?? {};
  if (pending === null || pendingAt === null || now - pendingAt > limits.factorPendingMs)
    return { ok: false, code: 'nothing-pending' };
  const step = stepOf(secretOf(sealer, user, pending), plainCode(code), now);
  if (step === null) return { ok: false, code: 'wrong-factor' };
  const recovery = Array.from({ length: limits.recoveryCodes }, () => randomPassword());
  const keep = token === null ? null : createHash('sha256').update(token).digest();
  const hashes = recovery.map((each) => recoveryHash(user, each));
  const done = await records.confirm(user, { pending, step, at: now, recovery: hashes, keep });
  return done ? { ok: true, recovery } : { ok: false, code: 'nothing-pending' };
}

async function check(
  records: FactorRecords,
  sealer: Sealer,
  clock: Clock,
  { user, code }: { user: string; code: string },
): Promise<CodeCheck> {
  const now = clock.now();
  const factor = await records.factor(user);
  if (factor?.secret == null) return { ok: false, code: 'wrong-factor' };
  const typed = plainCode(code);
  const held = /^\d{6}$/.test(typed) ? await checkSix(records, sealer, { user, typed, factor, now }) : null;
  if (held !== null) return held;
  // A lock holds back guesses at six digits; nobody guesses these, and the owner gets in with one.
  if (await records.useRecovery(user, recoveryHash(user, code), now)) return { ok: true, recovery: true };
  const until = await records.countFailure(user, limits.factorLock, now);
  return until === null ? { ok: false, code: 'wrong-factor' } : { ok: false, code: 'locked', until };
}

/** Null where the code is none of this secret's. */
async function checkSix(
  records: FactorRecords,
  sealer: Sealer,
  { user, typed, factor, now }: { user: string; typed: string; factor: StoredFactor; now: number },
): Promise<CodeCheck | null> {
  const { secret, lockedUntil } = factor;
  if (lockedUntil !== null && lockedUntil > now) return { ok: false, code: 'locked', until: lockedUntil };
  const step = secret === null ? null : stepOf(secretOf(sealer, user, secret), typed, now);
  if (step === null) return null;
  return (await records.useStep(user, step)) ? { ok: true, recovery: false } : { ok: false, code: 'used-factor' };
}

/** As people type it: apps show two groups of three. */
function plainCode(code: string): string {
  return code.replaceAll(/\s/g, '');
}

/** 78 bits by chance, so that a fast hash is enough; bound to the account. */
function recoveryHash(user: string, code: string): Buffer {
  const plain = code.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return createHash('sha256').update(`yihu recovery ${user} ${plain}`).digest();
}
