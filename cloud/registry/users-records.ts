import type { Grant } from './rights.ts';

/** A person with an account, as the database keeps it. Times are ms since 1970 UTC. */
export interface User {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly phone: string | null;
  readonly onDuty: boolean;
  readonly disabledAt: number | null;
  readonly createdAt: number;
  readonly version: number;
  /** A second factor is enrolled and confirmed. */
  readonly secondFactor: boolean;
  readonly grants: readonly (Grant & { readonly areaName: string })[];
}

export interface NewUser {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly phone: string | null;
  readonly passwordHash: string;
  readonly onDuty: boolean;
  readonly grants: readonly Grant[];
  readonly at: number;
}

export interface UserChange {
  readonly name?: string | undefined;
  readonly phone?: string | null | undefined;
  readonly disabled?: boolean | undefined;
  readonly passwordHash?: string | undefined;
  readonly grants?: readonly Grant[] | undefined;
}

/** How far a session is signed in: `code` waits for a code of the second factor, `enrol` for the factor itself. */
export type SessionStage = 'full' | 'code' | 'enrol';

/** A session as kept: the id itself is never stored, only its SHA-256. */
export interface StoredSession {
  readonly hash: Buffer;
  readonly user: string;
  readonly stage: SessionStage;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly idleMs: number;
  readonly expiresAt: number;
  readonly ip: string;
}

/** What accounts and sessions need of the database. `records` implements it. */
export interface UserRecords {
  countUsers(): Promise<number>;
  /** Creates all or none; false where an account or id is taken. */
  createUsers(users: readonly NewUser[]): Promise<boolean>;
  user(id: string): Promise<User | null>;
  /** For the check of a password only. */
  credentials(account: string): Promise<{ id: string; passwordHash: string; disabled: boolean } | null>;
  listUsers(): Promise<User[]>;
  /** Null where `version` is no longer the user's; ends all sessions where password, grants or disabling changed. */
  changeUser(id: string, version: number, change: UserChange, at: number): Promise<User | null>;
  setDuty(id: string, onDuty: boolean, at: number): Promise<void>;
  /** Keeps the newest `keep` sessions of the user at the same stage, this one among them. */
  createSession(session: StoredSession, keep: number): Promise<void>;
  session(hash: Buffer): Promise<(StoredSession & { readonly who: User }) | null>;
  touchSession(hash: Buffer, at: number): Promise<void>;
  /** False where there was none any more. */
  endSession(hash: Buffer): Promise<boolean>;
  /** Sweeps what has ended by itself; returns how many. */
  dropExpiredSessions(at: number): Promise<number>;
}
