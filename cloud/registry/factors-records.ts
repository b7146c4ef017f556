/** 第二因素 as the database keeps it; secrets are sealed. Times are ms since 1970 UTC. */
export interface StoredFactor {
  /** Null until a first code has confirmed it. */
  readonly secret: Buffer | null;
  readonly confirmedAt: number | null;
  /** Waits for its first code; the one in use stays good meanwhile. */
  readonly pending: Buffer | null;
  readonly pendingAt: number | null;
  readonly lastStep: number;
  readonly lockedUntil: number | null;
  readonly recoveryLeft: number;
}

/** How wrong codes lock: after so many in a row, for a time that doubles with each further one. */
export interface LockRule {
  readonly after: number;
  readonly firstMs: number;
  readonly longestMs: number;
}

/** What second factors need of the database. `records` implements it. */
export interface FactorRecords {
  factor(user: string): Promise<StoredFactor | null>;
  putPending(user: string, sealed: Buffer, at: number): Promise<void>;
  /**
   * Makes the pending secret the one in use, with new recovery codes, and ends every session but the one kept.
   * False where it is no longer the pending one, or the step was used.
   */
  confirm(user: string, confirmed: Confirmed): Promise<boolean>;
  /** Takes a step for good: true for exactly one caller, and never for a step before one that was used. */
  useStep(user: string, step: number): Promise<boolean>;
  useRecovery(user: string, hash: Buffer, at: number): Promise<boolean>;
  /** Counts a wrong code; returns until when six-digit codes are refused, null where they are not yet. */
  countFailure(user: string, rule: LockRule, at: number): Promise<number | null>;
  /** Forgets the factor and ends every session of the account; false where there was none. */
  dropFactor(user: string): Promise<boolean>;
}

export interface Confirmed {
  readonly pending: Buffer;
  readonly step: number;
  readonly at: number;
  readonly recovery: readonly Buffer[];
  /** Of the session that did it; null ends all. */
  readonly keep: Buffer | null;
}
