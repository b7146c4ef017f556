import { aboutAt } from '@yihu/device-profiles/vocabulary/about-at.ts';
import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import type { DatabaseSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { decodeChunk, encodeChunk } from './history-chunk.ts';
import type { HistoryRow, Refused } from './history.ts';
import { type Series, SeriesTable } from './history-series.ts';
import { HistoryTail } from './history-tail.ts';
import { storeError } from './sqlite-error.ts';

const hourMs = 3_600_000;
/** A chunk's key is series × 2^22 + hour since 1970: all of a series lies together, in order, until the year 2448. */
const hours = 2 ** 22;
/** Readings that may wait in the tail; more series may keep more, so that a chunk is rewritten about once an hour. */
const [tailAtLeast, tailPerSeries, tailAtMost] = [32_768, 60, 500_000];

export const historySchema = `
  CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, point TEXT NOT NULL, latest TEXT, UNIQUE (device, point));
  CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY, blob BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS tail (id INTEGER PRIMARY KEY, blob BLOB NOT NULL);
`;

export interface Retention {
  readonly keepDays: number;
  readonly maxBytes: number;
}

type Point = readonly [series: number, at: number, value: HistoryRow['value'], quality: HistoryRow['quality']];

/**
 * History in SQLite. Fresh readings are one deflated row per write (the tail, held in memory too); when the tail is long it
 * is folded into one compressed chunk per series and hour. A reading is named by device, point and time, the last one
 * written holds: writing the same entries again changes nothing, whatever became of the log in between.
 */
export class HistoryEngine {
  private readonly db: DatabaseSync;
  private readonly retention: Retention;
  private readonly series: SeriesTable;
  private readonly tail = new HistoryTail();
  private sweptHour = 0;
  private readonly sql;

  constructor(db: DatabaseSync, retention: Retention) {
    this.db = db;
    this.retention = retention;
    this.series = new SeriesTable(db);
    this.sql = {
      addTail: db.prepare('INSERT INTO tail (blob) VALUES (?)'),
      clearTail: db.prepare('DELETE FROM tail'),
      chunk: db.prepare('SELECT blob FROM chunk WHERE id = ?'),
      keys: db.prepare('SELECT id FROM chunk WHERE id BETWEEN ? AND ?'),
      put: db.prepare('INSERT OR REPLACE INTO chunk (id, blob) VALUES (?, ?)'),
      remove: db.prepare('DELETE FROM chunk WHERE id BETWEEN ? AND ?'),
      oldest: db.prepare('SELECT min(id % 4194304) AS hour FROM chunk'),
      pages: db.prepare('PRAGMA page_count'),
      free: db.prepare('PRAGMA freelist_count'),
    };
    for (const row of db.prepare('SELECT blob FROM tail ORDER BY id').iterate())
      this.remember(unpackTail(row['blob'] as Uint8Array));
  }

  /** All in one transaction. Returns the readings no history can take. */
  write(entries: readonly Entry[], now: number): Refused[] {
    const refused: Refused[] = [];
    const points: Point[] = [];
    this.transaction(() => {
      for (const { seq, record } of entries)
        for (const reading of record.kind === 'readings' ? record.readings : []) {
          const at = aboutAt(reading);
          const reason = unfit(at);
          if (reason !== null) refused.push({ seq, point: reading.point, reason });
          else if (record.kind === 'readings')
            points.push([this.series.idOf(record.device, reading.point), at, reading.value, reading.quality]);
        }
      if (points.length > 0) this.sql.addTail.run(deflateRawSync(JSON.stringify(points), { level: 1 }));
    });
    this.remember(points);
    if (this.tail.length > this.tailLimit()) this.fold();
    this.sweep(now);
    return refused;
  }

  read(device: string, point: string, from: number, to: number, limit: number): HistoryRow[] {
    const id = this.series.find(device, point)?.id;
    if (id === undefined || to <= from) return [];
    const [start, end] = [clampTime(from), clampTime(to)];
    const fresh = Map.groupBy(this.tail.rowsOf(id), (row) => hourOf(row.at));
    const stored = this.sql.keys.all(keyOf(id, hourOf(start)), keyOf(id, hourOf(end))).map((row) => Number(row['id']) % hours);
    const rows: HistoryRow[] = [];
    for (const hour of [...new Set([...stored, ...fresh.keys()])].sort((a, b) => a - b)) {
      if (rows.length >= limit) break;
      for (const row of merge(this.chunkOf(id, hour), fresh.get(hour) ?? [])) if (row.at >= from && row.at < to) rows.push(row);
    }
    return rows.slice(0, limit);
  }

  latest(device: string): Map<string, HistoryRow> {
    return new Map(this.series.of(device).flatMap(({ point, latest }) => (latest === null ? [] : [[point, latest] as const])));
  }

  /** Folds the tail into chunks: one transaction, after which the tail is empty. */
  fold(): void {
    this.transaction(() => {
      for (const id of this.tail.series())
        for (const [hour, fresh] of Map.groupBy(this.tail.rowsOf(id), (row) => hourOf(row.at)))
          this.sql.put.run(keyOf(id, hour), encodeChunk(merge(this.chunkOf(id, hour), fresh)));
      this.series.saveLatest(this.tail.series());
      this.sql.clearTail.run();
    });
    this.tail.clear();
  }

  /** Once an hour: lets go of what is too old, and of the oldest hours while there is too much. */
  private sweep(now: number): void {
    const hour = hourOf(clampTime(now));
    if (hour === this.sweptHour) return;
    this.sweptHour = hour;
    this.removeBefore(hour - this.retention.keepDays * 24);
    while (this.usedBytes() > this.retention.maxBytes) {
      const oldest = this.sql.oldest.get()?.['hour'];
      if (typeof oldest !== 'number') return;
      this.removeBefore(oldest + 1);
    }
  }

  private removeBefore(hour: number): void {
    if (hour <= 0) return;
    this.transaction(() => {
      for (const { id } of this.series.all()) this.sql.remove.run(keyOf(id, 0), keyOf(id, hour) - 1);
    });
  }

  usedBytes(): number {
    return (Number(this.sql.pages.get()?.['page_count']) - Number(this.sql.free.get()?.['freelist_count'])) * 4096;
  }

  private tailLimit(): number {
    return Math.min(tailAtMost, Math.max(tailAtLeast, this.series.size * tailPerSeries));
  }

  private remember(points: readonly Point[]): void {
    for (const [id, at, value, quality] of points) {
      const row = { at, value, quality };
      this.tail.add(id, row);
      this.series.seen(id, row);
    }
  }

  /** A damaged chunk is an hour without readings; the hours beside it stay. */
  private chunkOf(id: number, hour: number): HistoryRow[] {
    const blob = this.sql.chunk.get(keyOf(id, hour))?.['blob'];
    if (!(blob instanceof Uint8Array)) return [];
    try {
      return decodeChunk(blob);
    } catch {
      return [];
    }
  }

  private transaction(run: () => void): void {
    this.series.begin();
    try {
      this.db.exec('BEGIN IMMEDIATE');
      run();
      this.db.exec('COMMIT');
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      this.series.undo();
      throw storeError(error) ?? error;
    }
  }
}

function unpackTail(blob: Uint8Array): Point[] {
  return JSON.parse(inflateRawSync(blob).toString('utf8')) as Point[];
}

/** By time, each time once; where both have one, the fresh one holds. */
function merge(stored: readonly HistoryRow[], fresh: readonly HistoryRow[]): HistoryRow[] {
  if (fresh.length === 0) return [...stored];
  const byTime = new Map<number, HistoryRow>();
  for (const row of stored) byTime.set(row.at, row);
  for (const row of fresh) byTime.set(row.at, row);
  return [...byTime.values()].sort((a, b) => a.at - b.at);
}

function unfit(at: number): string | null {
  return at < 0 || at >= hours * hourMs ? `its time ${at} lies outside 1970–2448` : null;
}

function hourOf(at: number): number {
  return Math.floor(at / hourMs);
}

function keyOf(series: number, hour: number): number {
  return series * hours + hour;
}

function clampTime(at: number): number {
  return Math.max(0, Math.min(at, hours * hourMs - 1));
}

export type { Series };
