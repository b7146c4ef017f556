import type { Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { DatabaseSync } from 'node:sqlite';
import { appendGroup, type Outcome } from './append-group.ts';
import { Ledger } from './ledger.ts';
import { type Carried, carryOver } from './carry-over.ts';
import { markDamaged, type MovedAside, nameTrouble, openFolder, recoveryDone, removeDatabase } from './log-folder.ts';
import { type Commit, StoreError, type TimeMove } from './log.ts';
import type { PutAside } from './rows.ts';
import { isCorrupt, isIoError } from './sqlite-error.ts';
import { SqliteRows } from './sqlite-rows.ts';
import type { WorkerAnswer } from './worker-calls.ts';
import { refusalOf } from './worker-serve.ts';

export interface OpenRequest {
  readonly folder: string;
  readonly readers: readonly string[];
  readonly budgetBytes: number;
  readonly alarmReserveBytes: number;
  readonly ballastBytes: number;
  readonly newEpoch: string;
  /** Wall time, for the gaps that opening may find. */
  readonly now: number;
}

/** What became of a database that could not be used on: as much of it as possible is in the new epoch. */
export interface Recovered extends Carried {
  readonly reason: MovedAside['reason'];
  readonly detail: string;
  /** Where the old database is; null where all of it went over. */
  readonly movedTo: string | null;
}

export interface Opened {
  readonly epoch: string;
  readonly recovered: Recovered | null;
}

interface OpenLog {
  readonly request: OpenRequest;
  readonly db: DatabaseSync;
  readonly ledger: Ledger;
}

/** The worker's end of the log: one ledger over one database, and what to do when the disk says no. */
export class LogHost {
  private open: OpenLog | null = null;
  private relieved = false;
  /** What to open again after an I/O error. */
  private broken: OpenRequest | null = null;
  private epoch: string | null = null;

  serve(call: string, args: readonly unknown[]): unknown {
    if (call === 'open') return this.start(args[0] as OpenRequest);
    return this.guarded(() => this.dispatch(call, args));
  }

  append(commits: readonly Commit[], now: number, ids: readonly number[]): WorkerAnswer[] {
    const outcomes = this.appendOnce(commits, now);
    const retried =
      outcomes.some((outcome) => refusedForRoom(outcome)) && this.relieve() ? this.retry(commits, outcomes, now) : outcomes;
    if (this.relieved) this.layBallastAgain();
    return retried.map((outcome, index) => {
      const id = ids[index] ?? 0;
      return 'error' in outcome ? refusalOf(id, outcome.error) : { id, value: outcome.appended };
    });
  }

  /** A database that opens and is damaged further in is moved aside like one that does not open. */
  private start(request: OpenRequest): Opened {
    try {
      return this.begin(request);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      markDamaged(request.folder, String(error));
      return this.begin(request);
    }
  }

  private begin(request: OpenRequest): Opened {
    const { db, epoch, movedAside } = openFolder(request.folder, request.newEpoch);
    try {
      const rows = new SqliteRows(db, request.folder, request.ballastBytes);
      rows.restoreBallast();
      const open = { request, db, ledger: new Ledger(rows, request) };
      const recovered = movedAside === null ? null : this.recover(open, movedAside);
      this.open = open;
      this.epoch ??= epoch;
      return { epoch, recovered };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  private recover({ request, ledger }: OpenLog, { reason, detail, movedTo }: MovedAside): Recovered {
    const carried = carryOver(movedTo, request.folder, ledger, request.now);
    recoveryDone(request.folder);
    if (reason === 'damaged') return { ...carried, reason, detail, movedTo };
    removeDatabase(movedTo);
    return { ...carried, reason, detail, movedTo: null };
  }

  private dispatch(call: string, args: readonly unknown[]): unknown {
    const { ledger } = this.mustBeOpen();
    switch (call) {
      case 'loadState':
        return ledger.rows.state();
      case 'read':
        return ledger.read(...(args as [string, Lane, number, number, number | undefined]));
      case 'moveCursor':
        return ledger.moveCursor(...(args as [string, Lane, number]));
      case 'quarantine':
        return ledger.quarantine(args[0] as PutAside & { record: LogRecord });
      case 'quarantined':
        return ledger.rows.asides(Number(args[0]));
      case 'retime':
        return ledger.retime(...(args as [readonly TimeMove[], number, number]));
      case 'stats':
        return ledger.stats();
      case 'flush':
        return ledger.flush();
      case 'close':
        return this.close();
      default:
        throw new RangeError(`the log has no call «${call}»`);
    }
  }

  private close(): void {
    const { db, ledger } = this.mustBeOpen();
    this.open = null;
    try {
      ledger.flush();
    } finally {
      db.close();
    }
  }

  private appendOnce(commits: readonly Commit[], now: number): Outcome[] {
    try {
      const outcomes = appendGroup(this.mustBeOpen().ledger, commits, now);
      const trouble = outcomes.find(isIoOutcome);
      if (trouble === undefined) return outcomes;
      const error = this.troubled(trouble.error);
      return outcomes.map((outcome) => (isIoOutcome(outcome) ? { error } : outcome));
    } catch (error) {
      if (error instanceof StoreError) return commits.map(() => ({ error }));
      throw error;
    }
  }

  /** The disk was full and is relieved of its ballast: what did not fit is tried once more, in order. */
  private retry(commits: readonly Commit[], outcomes: readonly Outcome[], now: number): Outcome[] {
    return outcomes.map((outcome, index) => {
      const commit = commits[index];
      return commit === undefined || !refusedForRoom(outcome) ? outcome : (this.appendOnce([commit], now)[0] ?? outcome);
    });
  }

  private relieve(): boolean {
    if (this.open === null || !this.open.ledger.rows.releaseBallast()) return false;
    this.relieved = true;
    return true;
  }

  private layBallastAgain(): void {
    this.open?.ledger.rows.restoreBallast();
  }

  /**
   * A damaged database is not used on: what it still holds is sorted out at the next start. After an I/O error nobody knows
   * what the file system kept in memory and what it forgot: the database is closed, and read anew before it is used again.
   */
  private guarded<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this.troubled(error);
    }
  }

  private troubled<E>(error: E): E | StoreError {
    if (this.open === null) return error;
    const { folder } = this.open.request;
    if (isCorrupt(error)) markDamaged(folder, String(error));
    if (isIoError(error)) this.letGo(this.open);
    return nameTrouble(error, folder);
  }

  private letGo({ request, db }: OpenLog): void {
    this.open = null;
    this.broken = request;
    db.close();
  }

  private mustBeOpen(): OpenLog {
    if (this.open === null && this.broken !== null) this.comeBack(this.broken);
    if (this.open === null) throw new StoreError('closed', 'the log is closed');
    return this.open;
  }

  /** The epoch is promised to the readers: a database that came back as another one waits for a restart. */
  private comeBack(request: OpenRequest): void {
    const { epoch } = this.begin(request);
    if (epoch !== this.epoch) {
      this.open?.db.close();
      this.open = null;
      throw new StoreError('io', 'the log had to begin a new epoch: the gateway must start again');
    }
    this.broken = null;
  }
}

function isIoOutcome(outcome: Outcome): outcome is { readonly error: StoreError } {
  return 'error' in outcome && outcome.error.code === 'io';
}

function refusedForRoom(outcome: Outcome): boolean {
  return 'error' in outcome && outcome.error.code === 'disk-full';
}
