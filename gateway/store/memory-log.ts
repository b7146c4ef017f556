import type { Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Clock } from '../clock.ts';
import { appendGroup } from './append-group.ts';
import { Ledger } from './ledger.ts';
import { type Appended, type Batch, type Commit, type Log, type LogStats, StoreError, type TimeMove } from './log.ts';
import { MemoryRows } from './memory-rows.ts';
import type { PutAside } from './rows.ts';

export interface MemoryLogOptions {
  /** The medium; hand the same one again to restart. */
  readonly rows?: MemoryRows;
  readonly readers: readonly string[];
  readonly clock: Pick<Clock, 'now'>;
  readonly maxBytes?: number;
  readonly alarmReserveBytes?: number;
  /** Names the epoch of a new medium. */
  readonly epoch?: string;
}

/** The log in memory: the same ledger over `MemoryRows`, for simulation and tests. Keeps nothing past the process. */
export class MemoryLog implements Log {
  readonly epoch: string;
  readonly rows: MemoryRows;
  private readonly ledger: Ledger;
  private readonly clock: Pick<Clock, 'now'>;
  private readonly listeners = new Set<(lanes: readonly Lane[]) => void>();
  private closed = false;

  constructor(options: MemoryLogOptions) {
    this.rows = options.rows ?? new MemoryRows();
    if (this.rows.epoch === '') this.rows.epoch = options.epoch ?? 'memory-1';
    this.epoch = this.rows.epoch;
    this.clock = options.clock;
    const budgetBytes = options.maxBytes ?? 64 * 1024 * 1024;
    const alarmReserveBytes = options.alarmReserveBytes ?? Math.floor(budgetBytes / 8);
    this.ledger = new Ledger(this.rows, { readers: options.readers, budgetBytes, alarmReserveBytes });
  }

  async append(commit: Commit): Promise<Appended> {
    this.mustBeOpen();
    const [outcome] = appendGroup(this.ledger, [structuredClone(commit)], this.clock.now());
    if (outcome === undefined || 'error' in outcome) throw outcome?.error ?? new Error('an append without an outcome');
    const lanes = (['alarm', 'telemetry'] as const).filter((lane) => commit[lane].length > 0);
    if (lanes.length > 0) for (const listener of this.listeners) listener(lanes);
    return outcome.appended;
  }

  async loadState(): Promise<Map<string, string>> {
    return this.rows.state();
  }

  async read(reader: string, lane: Lane, maxBytes: number, after?: number): Promise<Batch[]> {
    this.mustBeOpen();
    return this.ledger.read(reader, lane, maxBytes, this.clock.now(), after);
  }

  async moveCursor(reader: string, lane: Lane, through: number): Promise<void> {
    this.mustBeOpen();
    this.ledger.moveCursor(reader, lane, through);
  }

  async quarantine(reader: string, lane: Lane, seq: number, record: LogRecord, reason: string): Promise<void> {
    this.mustBeOpen();
    this.ledger.quarantine({ reader, lane, seq, record, reason, at: this.clock.now() });
  }

  async quarantined(limit: number): Promise<PutAside[]> {
    return this.rows.asides(limit);
  }

  async retime(moves: readonly TimeMove[]): Promise<void> {
    this.mustBeOpen();
    for (let after: number | null = 0; after !== null;) after = this.ledger.retime(moves, after, this.clock.now());
    for (const listener of this.listeners) listener(['telemetry']);
  }

  async stats(): Promise<LogStats> {
    return this.ledger.stats();
  }

  onAppend(listener: (lanes: readonly Lane[]) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (!this.closed) this.ledger.flush();
    this.closed = true;
  }

  private mustBeOpen(): void {
    if (this.closed) throw new StoreError('closed', 'the log is closed');
  }
}
