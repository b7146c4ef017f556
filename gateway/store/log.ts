import type { Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';

/**
 * The log: store and forward. One log, two lanes, several readers, each with its own cursor.
 * Every implementation proves itself with `test/gateway/store/log.suite.ts`.
 */
export interface Log {
  /** Identity of this log; new when the folder is new (or was cloned). With lane and sequence it names a record for ever. */
  readonly epoch: string;

  /**
   * Resolves when all of it is on disk (one transaction, fsynced), with the first sequence given to each lane.
   * Rejects with a StoreError when nothing of it was kept. Calls commit in the order they were made.
   */
  append(commit: Commit): Promise<Appended>;

  /** Rule state as last committed: key → JSON text. Read once at start. */
  loadState(): Promise<Map<string, string>>;

  /**
   * Packed batches after `after` (default: the reader's cursor), in order, at most `maxBytes` of blobs but at least one if there is any.
   * A batch may begin at or before the cursor where the cursor stands inside it; receivers skip what they have.
   */
  read(reader: string, lane: Lane, maxBytes: number, after?: number): Promise<Batch[]>;

  /** The receiver has committed everything up to and including `through`. Never moves forward past the end; may move back (rewind). */
  moveCursor(reader: string, lane: Lane, through: number): Promise<void>;

  /** Puts one record aside for this reader: counted, inspectable, out of the way. Does not move the cursor. */
  quarantine(reader: string, lane: Lane, seq: number, record: LogRecord, reason: string): Promise<void>;

  /**
   * Gives readings their time that were written before the clock could be trusted, in place and before they leave: those of
   * each boot named are moved by its shift. Tried again from where it ended when it rejects.
   */
  retime(moves: readonly TimeMove[]): Promise<void>;

  stats(): Promise<LogStats>;

  /** Called after each commit that wrote to the lane; readers wake by it. Returns the way to stop listening. */
  onAppend(listener: (lanes: readonly Lane[]) => void): () => void;

  close(): Promise<void>;
}

/** 校时: by how much the records of one boot are moved. */
export interface TimeMove {
  readonly boot: string;
  readonly shiftMs: number;
  /** It is the latest they can have been, and no more: their readings become uncertain. */
  readonly estimated: boolean;
}

export interface Commit {
  readonly alarm: readonly LogRecord[];
  readonly telemetry: readonly LogRecord[];
  /** Rule state moved by these records; committed with them, so that state = fold(log). `null` removes the key. */
  readonly state: readonly (readonly [key: string, json: string | null])[];
}

/** First sequence given to each lane, 0 where the commit held nothing for it. */
export interface Appended {
  readonly alarm: number;
  readonly telemetry: number;
}

/** What is on disk as one row: records `first`–`last`, packed by `vocabulary/pack.ts`. */
export interface Batch {
  readonly lane: Lane;
  readonly first: number;
  readonly last: number;
  readonly blob: Uint8Array;
}

export interface LaneStats {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  /** Records ever given a sequence. */
  readonly accepted: number;
  readonly readers: Readonly<
    Record<string, { cursor: number; delivered: number; buffered: number; gaps: number; quarantined: number }>
  >;
}

/** accepted = delivered + buffered + gaps, per lane and reader, is exact at every moment. */
export interface LogStats {
  readonly lanes: Readonly<Record<Lane, LaneStats>>;
  readonly bytesOnDisk: number;
  readonly full: boolean;
}

export type StoreErrorCode = 'disk-full' | 'read-only' | 'io' | 'closed' | 'overloaded';

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
