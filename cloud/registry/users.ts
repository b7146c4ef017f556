import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import { type FactorRule, mustHaveFactor } from './factors.ts';
import type { Grant } from './rights.ts';
import { passwordProblem, type Passwords } from './users-passwords.ts';
import type { SessionStage, StoredSession, User, UserChange, UserRecords } from './users-records.ts';

/** Somebody with a living session. */
export interface Caller {
  readonly user: User;
  readonly expiresAt: number;
}

/** Somebody who gave the password and owes the second factor: may do nothing but that. */
export interface HalfCaller extends Caller {
  readonly stage: 'code' | 'enrol';
}

export type SignIn =
  | { readonly ok: true; readonly token: string; readonly stage: SessionStage; readonly caller: Caller }
  | { readonly ok: false; readonly code: 'wrong-credentials' };

export type UserProblem = 'account-taken' | 'unknown-user' | 'version' | 'too-short' | 'too-long' | 'too-simple';
export type UserResult = { readonly ok: true; readonly user: User } | { readonly ok: false; readonly code: UserProblem };

export interface NewAccount {
  readonly account: string;
  readonly name: string;
  readonly phone: string | null;
  readonly password: string;
  readonly grants: readonly Grant[];
}

export interface AccountChange {
  readonly name?: string | undefined;
  readonly phone?: string | null | undefined;
  readonly disabled?: boolean | undefined;
  readonly password?: string | undefined;
  readonly grants?: readonly Grant[] | undefined;
}

/** Accounts and sessions. Throws HashingBusy where too many passwords are being checked at once. */
export interface Accounts {
  /** One answer for an unknown account, a wrong password and a disabled account, after the same work. */
  signIn(account: string, password: string, ip: string): Promise<SignIn>;
  /** Whose half-signed session this is; null where it is none, or over. */
  half(token: string): Promise<HalfCaller | null>;
  /** The second step was right: a new session in place of the half-signed one; null where that is over. */
  finish(token: string, ip: string): Promise<{ readonly token: string; readonly caller: Caller } | null>;
  /** For what asks for the password again. */
  isPassword(account: string, password: string): Promise<boolean>;
  /**
   * Who holds this session token; null where it is unknown, idle too long, past its end, or the account was disabled.
   * `touch: false` looks without counting as use.
   */
  caller(token: string, touch?: boolean): Promise<Caller | null>;
  signOut(token: string): Promise<unknown>;
  list(): Promise<User[]>;
  user(id: string): Promise<User | null>;
  create(account: NewAccount): Promise<UserResult>;
  change(id: string, version: number, change: AccountChange): Promise<UserResult>;
  setDuty(id: string, onDuty: boolean): Promise<User | null>;
  sweep(): Promise<number>;
}

export function createAccounts(
  records: UserRecords,
  passwords: Passwords,
  clock: Clock,
  rule: FactorRule = 'optional',
): Accounts {
  return {
    signIn: (account, password, ip) => signIn(records, passwords, clock, { account, password, ip, rule }),
    half: (token) => findHalf(records, clock, token),
    finish: (token, ip) => finish(records, clock, token, ip),
    isPassword: async (account, password) => {
      const known = await records.credentials(accountKey(account));
      return passwords.verify(known?.passwordHash ?? null, password);
    },
    caller: (token, touch = true) => findCaller(records, clock, { token, touch, rule }),
    signOut: (token) => records.endSession(hashOf(token)),
    list: () => records.listUsers(),
    user: (id) => records.user(id),
    create: (account) => createAccount(records, passwords, clock, account),
    change: (id, version, change) => changeAccount(records, passwords, clock, { id, version, change }),
    async setDuty(id, onDuty) {
      await records.setDuty(id, onDuty, clock.now());
      return records.user(id);
    },
    sweep: () => records.dropExpiredSessions(clock.now()),
  };
}

/** Accounts are compared without case and without the spaces a phone's keyboard adds. */
export function accountKey(account: string): string {
  return account.trim().normalize('NFC').toLowerCase();
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

async function signIn(
  records: UserRecords,
  passwords: Passwords,
  clock: Clock,
  { account, password, ip, rule }: { account: string; password: string; ip: string; rule: FactorRule },
): Promise<SignIn> {
  const known = await records.credentials(accountKey(account));
  const right = await passwords.verify(known?.passwordHash ?? null, password);
  if (!known || !right || known.disabled) return { ok: false, code: 'wrong-credentials' };
  const user = await records.user(known.id);
  if (!user) return { ok: false, code: 'wrong-credentials' };
  const stage = user.secondFactor ? 'code' : mustHaveFactor(rule, user) ? 'enrol' : 'full';
  const made = await startSession(records, { user, stage, ip, now: clock.now() });
  return { ok: true, stage, ...made };
}

interface Starting {
  readonly user: User;
  readonly stage: SessionStage;
  readonly ip: string;
  readonly now: number;
}

async function startSession(records: UserRecords, starting: Starting): Promise<{ token: string; caller: Caller }> {
  const token = randomBytes(32).toString('base64url');
  const session = newSession(starting, token);
  await records.createSession(session, limits.sessionsPerUser);
  return { token, caller: { user: starting.user, expiresAt: session.expiresAt } };
}

function newSession({ user, stage, ip, now }: Starting, token: string): StoredSession {
  const { idleMs, lastsMs } = lifeOf(user.grants);
  const lifeMs = stage === 'full' ? lastsMs : limits.halfSessionMs;
  return { hash: hashOf(token), user: user.id, stage, createdAt: now, usedAt: now, idleMs, expiresAt: now + lifeMs, ip };
}

async function findHalf(records: UserRecords, clock: Clock, token: string): Promise<HalfCaller | null> {
  const session = await records.session(hashOf(token));
  if (!session || session.stage === 'full' || session.who.disabledAt !== null || clock.now() >= session.expiresAt) return null;
  return { user: session.who, expiresAt: session.expiresAt, stage: session.stage };
}

/** How long a session may rest and last. A wall's is long only where the account can do nothing but look at a wall. */
function lifeOf(grants: readonly Grant[]): { idleMs: number; lastsMs: number } {
  if (grants.length > 0 && grants.every(({ role }) => role === 'wall'))
    return { idleMs: limits.wallSessionMs, lastsMs: limits.wallSessionMs };
  return { idleMs: Math.max(...grants.map(({ role }) => idleFor(role)), limits.idleMs), lastsMs: limits.absoluteMs };
}

/** Of two that come at once one finds the half-signed session still there. */
async function finish(records: UserRecords, clock: Clock, token: string, ip: string) {
  const half = await findHalf(records, clock, token);
  if (half === null || !(await records.endSession(hashOf(token)))) return null;
  const user = await records.user(half.user.id);
  return user && startSession(records, { user, stage: 'full', ip, now: clock.now() });
}

/** A dispatcher's screen stands for a whole shift without a touch; everybody else's ends after half an hour. */
function idleFor(role: Role): number {
  return limits.idleMsByRole[role] ?? limits.idleMs;
}

async function findCaller(
  records: UserRecords,
  clock: Clock,
  { token, touch, rule }: { token: string; touch: boolean; rule: FactorRule },
): Promise<Caller | null> {
  const hash = hashOf(token);
  const session = await records.session(hash);
  const now = clock.now();
  if (!session || session.stage !== 'full' || session.who.disabledAt !== null) return null;
  // The setting was turned on after somebody had signed in without: they sign in anew.
  if (mustHaveFactor(rule, session.who) && !session.who.secondFactor) return null;
  if (now >= session.expiresAt || now - session.usedAt >= session.idleMs) return null;
  if (touch && now - session.usedAt >= limits.touchEveryMs) await records.touchSession(hash, now);
  return { user: session.who, expiresAt: session.expiresAt };
}

async function createAccount(
  records: UserRecords,
  passwords: Passwords,
  clock: Clock,
  { account, name, phone, password, grants }: NewAccount,
): Promise<UserResult> {
  const key = accountKey(account);
  const problem = passwordProblem(password, key);
  if (problem) return { ok: false, code: problem };
  const id = `u-${uuidv7()}`;
  const passwordHash = await passwords.hash(password);
  const made = await records.createUsers([
    { id, account: key, name, phone, passwordHash, onDuty: false, grants, at: clock.now() },
  ]);
  const user = made ? await records.user(id) : null;
  return user ? { ok: true, user } : { ok: false, code: 'account-taken' };
}

async function changeAccount(
  records: UserRecords,
  passwords: Passwords,
  clock: Clock,
  { id, version, change }: { id: string; version: number; change: AccountChange },
): Promise<UserResult> {
  const before = await records.user(id);
  if (!before) return { ok: false, code: 'unknown-user' };
  const { password, ...rest } = change;
  const problem = password === undefined ? null : passwordProblem(password, before.account);
  if (problem) return { ok: false, code: problem };
  const stored: UserChange = password === undefined ? rest : { ...rest, passwordHash: await passwords.hash(password) };
  const user = await records.changeUser(id, version, stored, clock.now());
  return user ? { ok: true, user } : { ok: false, code: 'version' };
}
