import type { Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';

export type GapReason = Extract<LogRecord, { kind: 'gap' }>['reason'];

/** One row of a lane: the records `first`–`last` packed in one blob, or a gap in their place. Rows of a lane touch: no holes. */
export interface RowHeader {
  readonly first: number;
  readonly last: number;
  /** Why these records are gone; null where they are there. */
  readonly gap: GapReason | null;
  /**
   * Wall time of the earliest and the latest record, milliseconds since 1970; null where nobody knows. Null in a row that
   * is there: written before the clock could be trusted.
   */
  readonly from: number | null;
  readonly to: number | null;
  /** When the row became a gap. */
  readonly at: number;
}

export interface Row extends RowHeader {
  /** Empty in a gap. */
  readonly blob: Uint8Array;
  readonly crc: number;
}

export interface LaneCounters {
  /** The last sequence given. */
  last: number;
  /** Everything up to and including this one was confirmed by every reader and removed. */
  head: number;
  /** Bytes of the blobs held. */
  bytes: number;
}

/** Where one reader stands in one lane. */
export interface ReaderPosition {
  cursor: number;
  /** Ranges at or below the cursor that this reader was handed as gaps: [first, last, how many of them]. */
  passed: [first: number, last: number, count: number][];
  quarantined: number;
}

export interface PutAside {
  readonly reader: string;
  readonly lane: Lane;
  readonly seq: number;
  readonly record: LogRecord;
  readonly reason: string;
  readonly at: number;
}

/**
 * What the ledger needs of a medium: synchronous, transactional, durable when `transaction` returns.
 * Implemented over SQLite (in the worker) and over memory (simulation). Throws StoreError.
 */
export interface Rows {
  /** All or nothing. Durable when it returns. */
  transaction<T>(run: () => T): T;
  counters(lane: Lane): LaneCounters;
  setCounters(lane: Lane, counters: LaneCounters): void;
  put(lane: Lane, row: Row): void;
  /** Removes the rows whose `first` lies within from ≤ first ≤ to. */
  remove(lane: Lane, from: number, to: number): void;
  /** The row that holds `seq`, or the first one after it. */
  rowAt(lane: Lane, seq: number): Row | undefined;
  /** Headers in order, from the row that holds `seq`. */
  headersFrom(lane: Lane, seq: number, limit: number): (RowHeader & { bytes: number })[];
  /** Gap rows that touch from ≤ seq ≤ to, in order. */
  gaps(lane: Lane, from: number, to: number): { first: number; last: number }[];
  /** The first sequence from `seq` on of a row that is there and whose time is not known. */
  untimedFrom(lane: Lane, seq: number): number | undefined;
  state(): Map<string, string>;
  setState(key: string, json: string | null): void;
  positions(): { reader: string; lane: Lane; position: ReaderPosition }[];
  setPosition(reader: string, lane: Lane, position: ReaderPosition): void;
  /** True where this record was not yet aside. */
  putAside(aside: PutAside): boolean;
  asides(limit: number): PutAside[];
  /** Bytes in use; free pages do not count. */
  usedBytes(): number;
  /** Bytes the medium would still take on top of `usedBytes`, ballast not counted. Telemetry stops before the very end, alarms do not. */
  roomBytes(lane: Lane): number;
  /** Bytes of all files of the log. */
  bytesOnDisk(): number;
  /** Gives the ballast back to the file system, so that a full disk can breathe. True where there was any. */
  releaseBallast(): boolean;
  /** Lays the ballast down again where there is room. */
  restoreBallast(): void;
}
