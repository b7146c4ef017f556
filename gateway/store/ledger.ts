import { lanes } from '@yihu/device-profiles/vocabulary/lanes.ts';
import type { Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { type Appended, type Batch, type Commit, type LaneStats, type LogStats, StoreError, type TimeMove } from './log.ts';
import { evict, replaceByGap } from './eviction.ts';
import { checksum, gapBatch, gapRow, packRows } from './packing.ts';
import { passedCount, passGap, rewindPassed } from './passed-gaps.ts';
import { retimeRow } from './retime.ts';
import type { LaneCounters, PutAside, ReaderPosition, Row, Rows } from './rows.ts';

export interface LedgerOptions {
  readonly readers: readonly string[];
  /** Bytes both lanes may use, alarm reserve included. */
  readonly budgetBytes: number;
  /** Of these, bytes that only alarms may use. */
  readonly alarmReserveBytes: number;
}

/** A read never returns more batches than this, however small they are. */
const maxBatchesPerRead = 1024;
/** Room asked for beyond the blobs themselves: index pages, counters, cursors. */
const slopBytes = 16 * 1024;

/** The logic of the log, over any medium. Synchronous; one owner. Throws StoreError, and then nothing was kept. */
export class Ledger {
  readonly rows: Rows;
  readonly options: LedgerOptions;
  readonly lanes: Record<Lane, LaneCounters>;
  private readonly positions = new Map<string, ReaderPosition>();
  private readonly dirty = new Set<string>();
  private full = false;

  constructor(rows: Rows, options: LedgerOptions) {
    this.rows = rows;
    this.options = options;
    this.lanes = { alarm: rows.counters('alarm'), telemetry: rows.counters('telemetry') };
    for (const { reader, lane, position } of rows.positions()) this.positions.set(`${lane} ${reader}`, position);
    for (const reader of options.readers)
      for (const lane of lanes) {
        const key = `${lane} ${reader}`;
        if (!this.positions.has(key)) this.positions.set(key, { cursor: 0, passed: [], quarantined: 0 });
      }
  }

  /**
   * Commits all of them in one transaction, in order. On a full disk alarms take the reserve; where a commit holds
   * alarms and its readings do not fit, the alarms are kept and a gap `disk-full` stands for the readings.
   */
  append(commits: readonly Commit[], now: number): Appended[] {
    const alarm = commits.flatMap((commit) => commit.alarm);
    const telemetry = commits.flatMap((commit) => commit.telemetry);
    const alarmRows = packRows(alarm, this.lanes.alarm.last + 1);
    const stateBytes = commits.reduce(
      (sum, { state }) => sum + state.reduce((s, [key, json]) => s + key.length + (json?.length ?? 0), 0),
      0,
    );
    let telemetryRows = packRows(telemetry, this.lanes.telemetry.last + 1);
    const alarmBytes = sizeOf(alarmRows) + stateBytes;
    if (telemetryRows.length > 0 && !this.makeRoom(sizeOf(telemetryRows) + alarmBytes, 'telemetry', now)) {
      this.full = true;
      if (alarm.length === 0 || commits.length > 1)
        throw new StoreError('disk-full', 'no room for readings, and nothing older to give up');
      telemetryRows = [shedRow(telemetryRows, now)];
    } else if (telemetryRows.length > 0) this.full = false;
    if (telemetryRows.length === 0 && !this.makeRoom(alarmBytes, 'alarm', now))
      throw new StoreError('disk-full', 'no room for alarms, and nothing older to give up');
    this.insert(
      alarmRows,
      telemetryRows,
      commits.flatMap((commit) => commit.state),
    );
    return firsts(commits, this.lanes.alarm.last - alarm.length + 1, this.lanes.telemetry.last - telemetry.length + 1);
  }

  /**
   * Packed batches after `after` (default: the cursor). A damaged row becomes a gap on the way, its neighbours stay. Readings
   * whose time is not known yet do not leave, and what is behind them waits with them.
   */
  read(reader: string, lane: Lane, maxBytes: number, now: number, after?: number): Batch[] {
    const from = after ?? this.position(reader, lane).cursor;
    const batches = this.peek(lane, from, maxBytes, now);
    const held = lane === 'telemetry' ? this.rows.untimedFrom(lane, from + 1) : undefined;
    return held === undefined ? batches : batches.filter(({ last }) => last < held);
  }

  /** The same for nobody in particular. */
  peek(lane: Lane, after: number, maxBytes: number, now: number): Batch[] {
    const batches: Batch[] = [];
    let bytes = 0;
    let done = after;
    while (done < this.lanes[lane].last && batches.length < maxBatchesPerRead) {
      const batch = this.batchAfter(lane, done, now);
      if (batches.length > 0 && bytes + batch.blob.length > maxBytes) break;
      batches.push(batch);
      bytes += batch.blob.length;
      done = batch.last;
    }
    return batches;
  }

  /** One step of giving readings their time; see `retime.ts`. */
  retime(moves: readonly TimeMove[], after: number, now: number): number | null {
    return retimeRow(this, moves, after, now);
  }

  /** Takes effect at once; on disk with the next commit, or with `flush`. */
  moveCursor(reader: string, lane: Lane, through: number): void {
    const position = this.position(reader, lane);
    const target = Math.max(0, Math.min(through, this.lanes[lane].last));
    if (target === position.cursor) return;
    if (target < position.cursor) position.passed = rewindPassed(position.passed, target);
    else for (const [first, last] of this.gapsBetween(lane, position.cursor + 1, target)) passGap(position.passed, first, last);
    position.cursor = target;
    this.dirty.add(`${lane} ${reader}`);
  }

  /** Counted once per record, however often it comes. */
  quarantine(aside: PutAside): void {
    const position = this.position(aside.reader, aside.lane);
    const quarantined = this.rows.transaction(() => {
      const count = position.quarantined + (this.rows.putAside(aside) ? 1 : 0);
      this.rows.setPosition(aside.reader, aside.lane, { ...position, quarantined: count });
      return count;
    });
    position.quarantined = quarantined;
  }

  /** Puts the cursors that moved on disk. */
  flush(): void {
    if (this.dirty.size > 0) this.rows.transaction(() => this.writeCursors());
    this.dirty.clear();
  }

  stats(): LogStats {
    return {
      lanes: { alarm: this.laneStats('alarm'), telemetry: this.laneStats('telemetry') },
      bytesOnDisk: this.rows.bytesOnDisk(),
      full: this.full,
    };
  }

  /** Everything up to and including this is confirmed by every reader. */
  confirmed(lane: Lane): number {
    return Math.min(this.lanes[lane].last, ...this.options.readers.map((reader) => this.position(reader, lane).cursor));
  }

  /** Cursors go to disk with what is removed on their word: after a crash nothing confirmed may look lost. */
  writeCursors(): void {
    for (const key of this.dirty) {
      const position = this.positions.get(key);
      const [lane, reader] = [key.startsWith('alarm ') ? 'alarm' : 'telemetry', key.slice(key.indexOf(' ') + 1)] as const;
      if (position !== undefined) this.rows.setPosition(reader, lane, position);
    }
  }

  private insert(alarmRows: readonly Row[], telemetryRows: readonly Row[], state: Commit['state']): void {
    const alarm = grown(this.lanes.alarm, alarmRows);
    const telemetry = grown(this.lanes.telemetry, telemetryRows);
    this.rows.transaction(() => {
      for (const row of alarmRows) this.rows.put('alarm', row);
      for (const row of telemetryRows) this.rows.put('telemetry', row);
      for (const [key, json] of state) this.rows.setState(key, json);
      if (alarmRows.length > 0) this.rows.setCounters('alarm', alarm);
      if (telemetryRows.length > 0) this.rows.setCounters('telemetry', telemetry);
      this.writeCursors();
    });
    this.dirty.clear();
    this.lanes.alarm = alarm;
    this.lanes.telemetry = telemetry;
  }

  private makeRoom(needBytes: number, lane: Lane, now: number): boolean {
    const need = needBytes + slopBytes;
    while (this.freeBytes(lane) < need) if (!evict(this, lane, need + this.options.budgetBytes / 100, now)) return false;
    return true;
  }

  private freeBytes(lane: Lane): number {
    const free = Math.min(this.options.budgetBytes - this.rows.usedBytes(), this.rows.roomBytes(lane));
    return lane === 'alarm' ? free : free - Math.max(0, this.options.alarmReserveBytes - this.lanes.alarm.bytes);
  }

  private batchAfter(lane: Lane, after: number, now: number): Batch {
    const { head, last } = this.lanes[lane];
    const nowhere = { gap: 'corrupt', from: null, to: null, at: now } as const;
    if (after < head) return gapBatch(lane, { ...nowhere, gap: 'expired', first: after + 1, last: head }, after);
    const row = this.rows.rowAt(lane, after + 1);
    if (row === undefined || row.first > after + 1) {
      const hole = gapRow({ ...nowhere, first: after + 1, last: row === undefined ? last : row.first - 1 });
      return this.becomeGap(lane, hole, after);
    }
    if (row.gap !== null) return gapBatch(lane, row, after);
    if (checksum(row.first, row.last, row.blob) === row.crc) return { lane, first: row.first, last: row.last, blob: row.blob };
    return this.becomeGap(lane, gapRow({ ...row, gap: 'corrupt', at: now }), after);
  }

  private becomeGap(lane: Lane, gap: Row, after: number): Batch {
    replaceByGap(this, lane, gap);
    return gapBatch(lane, gap, after);
  }

  private position(reader: string, lane: Lane): ReaderPosition {
    const position = this.positions.get(`${lane} ${reader}`);
    if (position === undefined) throw new RangeError(`the log has no reader «${reader}»`);
    return position;
  }

  private gapsBetween(lane: Lane, from: number, to: number): [first: number, last: number][] {
    const { head } = this.lanes[lane];
    const rows = this.rows.gaps(lane, Math.max(from, head + 1), to);
    const clipped = rows.map(({ first, last }): [number, number] => [Math.max(first, from), Math.min(last, to)]);
    return from <= head ? [[from, Math.min(head, to)], ...clipped] : clipped;
  }

  private laneStats(lane: Lane): LaneStats {
    const { head, last, bytes } = this.lanes[lane];
    const readers: Record<string, LaneStats['readers'][string]> = {};
    for (const reader of this.options.readers) {
      const { cursor, passed, quarantined } = this.position(reader, lane);
      const passedGaps = passedCount(passed);
      const ahead = this.gapsBetween(lane, cursor + 1, last).reduce((sum, [first, through]) => sum + through - first + 1, 0);
      readers[reader] = {
        cursor,
        delivered: cursor - passedGaps,
        buffered: last - cursor - ahead,
        gaps: passedGaps + ahead,
        quarantined,
      };
    }
    return { first: Math.min(head + 1, last), last, bytes, accepted: last, readers };
  }
}

function sizeOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + row.blob.length + 64, 0);
}

function grown(counters: LaneCounters, rows: readonly Row[]): LaneCounters {
  const bytes = rows.reduce((sum, row) => sum + row.blob.length, counters.bytes);
  return { ...counters, last: rows.at(-1)?.last ?? counters.last, bytes };
}

function shedRow(rows: readonly Row[], now: number): Row {
  const [first, last] = [rows[0]?.first ?? 0, rows.at(-1)?.last ?? 0];
  const from = Math.min(...rows.map((row) => row.from ?? now));
  const to = Math.max(...rows.map((row) => row.to ?? now));
  return gapRow({ first, last, gap: 'disk-full', from, to, at: now });
}

function firsts(commits: readonly Commit[], alarm: number, telemetry: number): Appended[] {
  return commits.map((commit) => {
    const appended = { alarm: countedFrom(alarm, commit.alarm), telemetry: countedFrom(telemetry, commit.telemetry) };
    alarm += commit.alarm.length;
    telemetry += commit.telemetry.length;
    return appended;
  });
}

function countedFrom(first: number, records: readonly LogRecord[]): number {
  return records.length === 0 ? 0 : first;
}
