import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { LaneCounters, PutAside, ReaderPosition, Row, RowHeader, Rows } from './rows.ts';
import { StoreError, type StoreErrorCode } from './log.ts';

/** Bytes charged for a row beside its blob. */
const rowOverheadBytes = 64;

/** The log's medium in memory. It outlives the log that writes to it, as a disk does: open it again to restart. */
export class MemoryRows implements Rows {
  epoch = '';
  /** The medium refuses every write with this code while it is set. */
  refuses: StoreErrorCode | null = null;
  /** Bytes the medium holds at most. */
  capacityBytes = Infinity;
  private readonly lanes: Record<Lane, Row[]> = { alarm: [], telemetry: [] };
  private readonly laneCounters: Record<Lane, LaneCounters> = {
    alarm: { last: 0, head: 0, bytes: 0 },
    telemetry: { last: 0, head: 0, bytes: 0 },
  };
  private readonly states = new Map<string, string>();
  private readonly places = new Map<string, { reader: string; lane: Lane; position: ReaderPosition }>();
  private readonly aside = new Map<string, PutAside>();

  /** Every step is checked before the first one is made, so nothing has to be undone. */
  transaction<T>(run: () => T): T {
    if (this.refuses !== null) throw new StoreError(this.refuses, `the medium refuses: ${this.refuses}`);
    return run();
  }

  counters(lane: Lane): LaneCounters {
    return { ...this.laneCounters[lane] };
  }

  setCounters(lane: Lane, counters: LaneCounters): void {
    this.laneCounters[lane] = { ...counters };
  }

  put(lane: Lane, row: Row): void {
    this.lanes[lane].splice(this.indexAt(lane, row.first), 0, row);
  }

  remove(lane: Lane, from: number, to: number): void {
    const rows = this.lanes[lane];
    const start = rows.findIndex((row) => row.first >= from);
    if (start < 0) return;
    let end = start;
    while ((rows[end]?.first ?? Infinity) <= to) end++;
    rows.splice(start, end - start);
  }

  rowAt(lane: Lane, seq: number): Row | undefined {
    return this.lanes[lane][this.indexAt(lane, seq)];
  }

  headersFrom(lane: Lane, seq: number, limit: number): (RowHeader & { bytes: number })[] {
    const start = this.indexAt(lane, seq);
    return this.lanes[lane].slice(start, start + limit).map((row) => ({ ...row, bytes: row.blob.length }));
  }

  gaps(lane: Lane, from: number, to: number): { first: number; last: number }[] {
    return this.lanes[lane].filter((row) => row.gap !== null && row.last >= from && row.first <= to);
  }

  untimedFrom(lane: Lane, seq: number): number | undefined {
    return this.lanes[lane].find((row) => row.first >= seq && row.gap === null && row.from === null)?.first;
  }

  state(): Map<string, string> {
    return new Map(this.states);
  }

  setState(key: string, json: string | null): void {
    if (json === null) this.states.delete(key);
    else this.states.set(key, json);
  }

  positions(): { reader: string; lane: Lane; position: ReaderPosition }[] {
    return structuredClone([...this.places.values()]);
  }

  setPosition(reader: string, lane: Lane, position: ReaderPosition): void {
    this.places.set(`${lane} ${reader}`, structuredClone({ reader, lane, position }));
  }

  putAside(aside: PutAside): boolean {
    const key = `${aside.lane} ${aside.seq} ${aside.reader}`;
    const isNew = !this.aside.has(key);
    this.aside.set(key, aside);
    return isNew;
  }

  asides(limit: number): PutAside[] {
    return [...this.aside.values()].slice(-limit);
  }

  usedBytes(): number {
    const rows = this.lanes.alarm.length + this.lanes.telemetry.length;
    return this.laneCounters.alarm.bytes + this.laneCounters.telemetry.bytes + rows * rowOverheadBytes;
  }

  roomBytes(): number {
    return this.capacityBytes - this.usedBytes();
  }

  bytesOnDisk(): number {
    return this.usedBytes();
  }

  releaseBallast(): boolean {
    return false;
  }

  restoreBallast(): void {
    // Memory needs no ballast: removing never takes room.
  }

  /** Flips bytes of the row that holds `seq`, as a bad disk would. */
  damage(lane: Lane, seq: number): void {
    const index = this.indexAt(lane, seq);
    const row = this.lanes[lane][index];
    if (row !== undefined) this.lanes[lane][index] = { ...row, blob: row.blob.map((byte, i) => (i === 3 ? byte ^ 0xff : byte)) };
  }

  /** Index of the row that holds `seq`, or of the first one after it. */
  private indexAt(lane: Lane, seq: number): number {
    const rows = this.lanes[lane];
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.last ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
