import type { HistoryRow } from './history.ts';

const qualities = ['good', 'uncertain', 'bad'] as const;
/** Readings there is room for at first; it doubles. */
const firstRoom = 4_096;
/** No reading of the series came before. */
const none = -1;

/**
 * Fresh readings in the order they came, column by column: 21 bytes each, where an object takes about a hundred. Each names
 * the one before it of the same series. What is no number stands beside the columns.
 */
export class HistoryTail {
  private at = new Float64Array(firstRoom);
  private value = new Float64Array(firstRoom);
  private quality = new Uint8Array(firstRoom);
  private before = new Int32Array(firstRoom);
  private readonly others = new Map<number, HistoryRow['value']>();
  private readonly newest = new Map<number, number>();
  private count = 0;

  /** Readings in it. */
  get length(): number {
    return this.count;
  }

  add(series: number, { at, value, quality }: HistoryRow): void {
    if (this.count === this.at.length) this.grow();
    const index = this.count++;
    this.at[index] = at;
    if (typeof value === 'number') this.value[index] = value;
    else this.others.set(index, value);
    this.quality[index] = qualities.indexOf(quality);
    this.before[index] = this.newest.get(series) ?? none;
    this.newest.set(series, index);
  }

  /** Of one series, in the order they came. */
  rowsOf(series: number): HistoryRow[] {
    const rows: HistoryRow[] = [];
    for (let index = this.newest.get(series) ?? none; index !== none; index = this.before[index] ?? none)
      rows.push(this.rowAt(index));
    return rows.reverse();
  }

  /** Series that have a reading in it. */
  series(): Iterable<number> {
    return this.newest.keys();
  }

  /** Empties it; its room stays, because it will be needed again. */
  clear(): void {
    this.count = 0;
    this.others.clear();
    this.newest.clear();
  }

  private rowAt(index: number): HistoryRow {
    const other = this.others.get(index);
    const value = other === undefined ? (this.value[index] ?? 0) : other;
    return { at: this.at[index] ?? 0, value, quality: qualities[this.quality[index] ?? 0] ?? 'bad' };
  }

  private grow(): void {
    const room = 2 * this.at.length;
    this.at = longer(this.at, new Float64Array(room));
    this.value = longer(this.value, new Float64Array(room));
    this.quality = longer(this.quality, new Uint8Array(room));
    this.before = longer(this.before, new Int32Array(room));
  }
}

function longer<T extends Float64Array | Uint8Array | Int32Array>(column: T, room: T): T {
  room.set(column);
  return room;
}
