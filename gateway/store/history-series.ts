import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { HistoryRow } from './history.ts';

export interface Series {
  readonly id: number;
  readonly device: string;
  readonly point: string;
  latest: HistoryRow | null;
}

/** Which series there are and the last reading of each: small enough to be held in memory. */
export class SeriesTable {
  private readonly byDevice = new Map<string, Map<string, Series>>();
  private readonly byId = new Map<number, Series>();
  private readonly insert: StatementSync;
  private readonly save: StatementSync;
  private added: Series[] = [];

  constructor(db: DatabaseSync) {
    this.insert = db.prepare('INSERT INTO series (device, point) VALUES (?, ?)');
    this.save = db.prepare('UPDATE series SET latest = ? WHERE id = ?');
    for (const row of db.prepare('SELECT id, device, point, latest FROM series').all())
      this.know({
        id: Number(row['id']),
        device: String(row['device']),
        point: String(row['point']),
        latest: row['latest'] === null ? null : (JSON.parse(String(row['latest'])) as HistoryRow),
      });
  }

  get size(): number {
    return this.byId.size;
  }

  all(): Iterable<Series> {
    return this.byId.values();
  }

  of(device: string): Series[] {
    return [...(this.byDevice.get(device)?.values() ?? [])];
  }

  find(device: string, point: string): Series | undefined {
    return this.byDevice.get(device)?.get(point);
  }

  /** The id of the series, made where it is new; inside a transaction. */
  idOf(device: string, point: string): number {
    const known = this.find(device, point);
    if (known !== undefined) return known.id;
    const series = { id: Number(this.insert.run(device, point).lastInsertRowid), device, point, latest: null };
    this.added.push(series);
    this.know(series);
    return series.id;
  }

  seen(id: number, row: HistoryRow): void {
    const series = this.byId.get(id);
    if (series !== undefined && (series.latest === null || series.latest.at <= row.at)) series.latest = row;
  }

  saveLatest(ids: Iterable<number>): void {
    for (const id of ids) this.save.run(JSON.stringify(this.byId.get(id)?.latest ?? null), id);
  }

  /** A transaction begins; `undo` forgets the series that were new in it. */
  begin(): void {
    this.added = [];
  }

  undo(): void {
    for (const { id, device, point } of this.added) {
      this.byId.delete(id);
      this.byDevice.get(device)?.delete(point);
    }
  }

  private know(series: Series): void {
    const points = this.byDevice.get(series.device) ?? new Map<string, Series>();
    points.set(series.point, series);
    this.byDevice.set(series.device, points);
    this.byId.set(series.id, series);
  }
}
