import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';

/**
 * The history: every reading, to be asked for by device, point and time. A reader of the log.
 * Every implementation proves itself with `test/gateway/store/history.suite.ts`.
 */
export interface History {
  /**
   * Writes the readings of these telemetry entries. Resolves when the engine has them for good (the log's cursor moves
   * after that), with the ones the engine will never take and why. Rejects when the engine is not there: try again later.
   * Writing the same entries again changes nothing.
   */
  write(entries: readonly Entry[]): Promise<Refused[]>;
  /** Good and other readings of one point with from ≤ at < to, oldest first, at most `limit`. */
  read(device: string, point: string, from: number, to: number, limit: number): Promise<HistoryRow[]>;
  /** The last reading of each point of the device. */
  latest(device: string): Promise<Map<string, HistoryRow>>;
  close(): Promise<void>;
}

export interface HistoryRow {
  readonly at: number;
  readonly value: number | string | boolean | null;
  readonly quality: 'good' | 'uncertain' | 'bad';
}

export interface Refused {
  readonly seq: number;
  readonly point: string;
  readonly reason: string;
}
