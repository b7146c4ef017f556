import { randomUUID } from 'node:crypto';
import type { Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Clock, Timer } from '../clock.ts';
import { weighCommit } from './append-group.ts';
import type { Opened, OpenRequest, Recovered } from './log-host.ts';
import { type Appended, type Batch, type Commit, type Log, type LogStats, StoreError, type TimeMove } from './log.ts';
import type { PutAside } from './rows.ts';
import { WorkerCalls } from './worker-calls.ts';

export interface LogOptions {
  /** The log's own folder; made where it is not there. */
  readonly folder: string;
  /** Bytes on disk of everything in the folder: both lanes, write-ahead log, ballast. At least `minimumLogBytes`. */
  readonly maxBytes: number;
  /** Of these, bytes that only alarms may use. Default: an eighth. */
  readonly alarmReserveBytes?: number;
  /** A file given back to a full disk so that it can breathe. Default: a sixteenth, at most 4 MiB. */
  readonly ballastBytes?: number;
  /** Who reads: `history`, `cloud`, … A reader that is named no more holds nothing back; its cursor is remembered. */
  readonly readers: readonly string[];
  readonly clock: Clock;
  /** 0 ≤ chance < 1, for the name of a new epoch. Default: the system's randomness. */
  readonly chance?: () => number;
}

export const minimumLogBytes = 4 * 1024 * 1024;
/** What the write-ahead log may grow to beside the database: one checkpoint interval and one long transaction. */
const walAllowanceBytes = 2 * 1024 * 1024;
/** Weight of the appends that may wait in front of the worker; alarms may use twice as much. */
export const maxWaitingBytes = 16 * 1024 * 1024;
/** A cursor is on disk at the latest this long after it moved. */
const cursorFlushMs = 1000;

/** The log on disk, and what was found when it was opened. */
export interface SqliteLog extends Log {
  readonly recovered: Recovered | null;
  /** The last records put aside, newest first. */
  quarantined(limit: number): Promise<PutAside[]>;
}

/**
 * Opens the log of a folder: SQLite in a worker thread, `synchronous=FULL`. One process at a time.
 * @throws StoreError `read-only`, `disk-full` or `io` where the folder cannot be used
 * @throws RangeError where the sizes do not fit each other
 */
export async function openLog(options: LogOptions): Promise<SqliteLog> {
  const request = openRequest(options);
  const calls = new WorkerCalls(new URL('./log-worker.ts', import.meta.url));
  try {
    return new WorkerLog(calls, await calls.call<Opened>('open', request), options.clock);
  } catch (error) {
    await calls.end();
    throw error;
  }
}

function openRequest(options: LogOptions): OpenRequest {
  const { folder, maxBytes, readers, chance } = options;
  const ballastBytes = options.ballastBytes ?? Math.min(4 * 1024 * 1024, Math.floor(maxBytes / 16));
  const budgetBytes = maxBytes - ballastBytes - walAllowanceBytes;
  const alarmReserveBytes = options.alarmReserveBytes ?? Math.floor(maxBytes / 8);
  if (maxBytes < minimumLogBytes) throw new RangeError(`the log needs at least ${minimumLogBytes} bytes, not ${maxBytes}`);
  if (alarmReserveBytes > budgetBytes * 0.75) throw new RangeError('the alarm reserve leaves too little room for readings');
  return { folder, readers, budgetBytes, alarmReserveBytes, ballastBytes, newEpoch: newEpoch(chance), now: options.clock.now() };
}

function newEpoch(chance: (() => number) | undefined): string {
  if (chance === undefined) return randomUUID();
  return Array.from({ length: 32 }, () => Math.floor(chance() * 16).toString(16)).join('');
}

class WorkerLog implements SqliteLog {
  readonly epoch: string;
  readonly recovered: Recovered | null;
  private readonly calls: WorkerCalls;
  private readonly clock: Clock;
  private readonly listeners = new Set<(lanes: readonly Lane[]) => void>();
  private waitingBytes = 0;
  private flushTimer: Timer | null = null;
  private closing: Promise<void> | null = null;

  constructor(calls: WorkerCalls, opened: Opened, clock: Clock) {
    this.calls = calls;
    this.epoch = opened.epoch;
    this.recovered = opened.recovered;
    this.clock = clock;
  }

  async append(commit: Commit): Promise<Appended> {
    const weight = weighCommit(commit);
    this.admit(commit, weight);
    this.waitingBytes += weight;
    try {
      const appended = await this.call<Appended>('append', commit, this.clock.now());
      this.tell(commit);
      return appended;
    } finally {
      this.waitingBytes -= weight;
    }
  }

  loadState(): Promise<Map<string, string>> {
    return this.call('loadState');
  }

  read(reader: string, lane: Lane, maxBytes: number, after?: number): Promise<Batch[]> {
    return this.call('read', reader, lane, maxBytes, this.clock.now(), after);
  }

  async moveCursor(reader: string, lane: Lane, through: number): Promise<void> {
    await this.call('moveCursor', reader, lane, through);
    this.flushTimer ??= this.clock.after(cursorFlushMs, () => void this.flush());
  }

  quarantine(reader: string, lane: Lane, seq: number, record: LogRecord, reason: string): Promise<void> {
    return this.call('quarantine', { reader, lane, seq, record, reason, at: this.clock.now() } satisfies PutAside);
  }

  quarantined(limit: number): Promise<PutAside[]> {
    return this.call('quarantined', limit);
  }

  async retime(moves: readonly TimeMove[]): Promise<void> {
    // One row at a time, so that an alarm never waits behind all of them.
    for (let after: number | null = 0; after !== null;) after = await this.retimeRow(moves, after);
    for (const listener of this.listeners) listener(['telemetry']);
  }

  private retimeRow(moves: readonly TimeMove[], after: number): Promise<number | null> {
    return this.call('retime', moves, after, this.clock.now());
  }

  stats(): Promise<LogStats> {
    return this.call('stats');
  }

  onAppend(listener: (lanes: readonly Lane[]) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Everything appended before is kept; nothing is taken after. */
  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    this.flushTimer?.cancel();
    try {
      await this.calls.call('close');
    } finally {
      await this.calls.end();
    }
  }

  private call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    if (this.closing !== null) return Promise.reject(new StoreError('closed', 'the log is closed'));
    return this.calls.call<T>(name, ...args);
  }

  private admit(commit: Commit, weight: number): void {
    const limit = commit.alarm.length > 0 ? 2 * maxWaitingBytes : maxWaitingBytes;
    if (this.waitingBytes > 0 && this.waitingBytes + weight > limit)
      throw new StoreError('overloaded', 'the disk does not keep up: too many appends wait in front of it');
  }

  private tell(commit: Commit): void {
    const lanes = (['alarm', 'telemetry'] as const).filter((lane) => commit[lane].length > 0);
    if (lanes.length > 0) for (const listener of this.listeners) listener(lanes);
  }

  /** A cursor that is not on disk only means sending again, so a disk that refuses it is no error of its own. */
  private async flush(): Promise<void> {
    this.flushTimer = null;
    try {
      await this.call('flush');
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}
