import { readdirSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { layBallast, liftBallast } from './ballast.ts';
import type { GapReason, LaneCounters, PutAside, ReaderPosition, Row, RowHeader, Rows } from './rows.ts';
import { StoreError } from './log.ts';
import { isCorrupt, storeError } from './sqlite-error.ts';

/** Records put aside are kept for people to look at; the oldest go first. The count goes on. */
const maxAsides = 512;
const pageBytes = 4096;
/** Left to whatever else shares the disk. */
const diskMarginBytes = 128 * 1024;
/** The write-ahead log grows to about one checkpoint interval and one transaction, and is then written over from its start. */
const walTargetBytes = 1024 * 1024;
/** What one small commit adds to the write-ahead log. */
const oneCommitBytes = 64 * 1024;

export const schema = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lane (lane TEXT PRIMARY KEY, last INTEGER NOT NULL, head INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS reader (reader TEXT, lane TEXT, position TEXT NOT NULL, PRIMARY KEY (reader, lane)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS aside (id INTEGER PRIMARY KEY, reader TEXT, lane TEXT, seq INTEGER, at INTEGER, reason TEXT, record TEXT, UNIQUE (reader, lane, seq));
  ${['alarm', 'telemetry']
    .map(
      (lane) => `
  CREATE TABLE IF NOT EXISTS ${lane} (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, gap TEXT, since INTEGER, until INTEGER, at INTEGER NOT NULL, crc INTEGER NOT NULL, blob BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS ${lane}_gap ON ${lane} (last, first) WHERE gap IS NOT NULL;
  CREATE INDEX IF NOT EXISTS ${lane}_untimed ON ${lane} (first) WHERE gap IS NULL AND since IS NULL;`,
    )
    .join('')}
`;

interface LaneStatements {
  readonly put: StatementSync;
  readonly remove: StatementSync;
  readonly place: StatementSync;
  readonly after: StatementSync;
  readonly headers: StatementSync;
  readonly gaps: StatementSync;
  readonly untimed: StatementSync;
}

/** The log's medium in SQLite. Lives in the worker; synchronous. */
export class SqliteRows implements Rows {
  private readonly db: DatabaseSync;
  private readonly folder: string;
  private readonly ballastBytes: number;
  private readonly lane: Record<Lane, LaneStatements>;
  private readonly prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, folder: string, ballastBytes: number) {
    this.db = db;
    this.folder = folder;
    this.ballastBytes = ballastBytes;
    this.lane = { alarm: laneStatements(db, 'alarm'), telemetry: laneStatements(db, 'telemetry') };
  }

  transaction<T>(run: () => T): T {
    try {
      this.db.exec('BEGIN IMMEDIATE');
      const result = run();
      this.db.exec('COMMIT');
      this.shrinkWal();
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw storeError(error) ?? error;
    }
  }

  counters(lane: Lane): LaneCounters {
    const row = this.sql('SELECT last, head, bytes FROM lane WHERE lane = ?').get(lane);
    return row === undefined
      ? { last: 0, head: 0, bytes: 0 }
      : { last: Number(row['last']), head: Number(row['head']), bytes: Number(row['bytes']) };
  }

  setCounters(lane: Lane, { last, head, bytes }: LaneCounters): void {
    this.sql('INSERT OR REPLACE INTO lane (lane, last, head, bytes) VALUES (?, ?, ?, ?)').run(lane, last, head, bytes);
  }

  put(lane: Lane, row: Row): void {
    this.lane[lane].put.run(row.first, row.last, row.gap, row.from, row.to, row.at, row.crc, row.blob);
  }

  remove(lane: Lane, from: number, to: number): void {
    this.lane[lane].remove.run(from, to);
  }

  rowAt(lane: Lane, seq: number): Row | undefined {
    const place = this.lane[lane].place.get(seq, seq) ?? this.lane[lane].after.get(seq);
    if (place === undefined) return undefined;
    const header = headerOf(place);
    try {
      const row = this.sql(`SELECT crc, blob FROM ${lane} WHERE first = ?`).get(header.first);
      return { ...header, crc: Number(row?.['crc']), blob: row?.['blob'] as Uint8Array };
    } catch (error) {
      // The pages of this blob are gone; the row becomes a gap and its neighbours stay.
      if (!isCorrupt(error)) throw storeError(error) ?? error;
      return { ...header, crc: -1, blob: new Uint8Array(0) };
    }
  }

  headersFrom(lane: Lane, seq: number, limit: number): (RowHeader & { bytes: number })[] {
    const start = Number(this.lane[lane].place.get(seq, seq)?.['first'] ?? seq);
    return this.lane[lane].headers.all(start, limit).map((row) => ({ ...headerOf(row), bytes: Number(row['bytes']) }));
  }

  gaps(lane: Lane, from: number, to: number): { first: number; last: number }[] {
    const rows = this.lane[lane].gaps.all(from, to);
    return rows.map((row) => ({ first: Number(row['first']), last: Number(row['last']) }));
  }

  untimedFrom(lane: Lane, seq: number): number | undefined {
    const row = this.lane[lane].untimed.get(seq);
    return row === undefined ? undefined : Number(row['first']);
  }

  state(): Map<string, string> {
    return new Map(
      this.sql('SELECT key, json FROM state')
        .all()
        .map((row) => [String(row['key']), String(row['json'])]),
    );
  }

  setState(key: string, json: string | null): void {
    if (json === null) this.sql('DELETE FROM state WHERE key = ?').run(key);
    else this.sql('INSERT OR REPLACE INTO state (key, json) VALUES (?, ?)').run(key, json);
  }

  positions(): { reader: string; lane: Lane; position: ReaderPosition }[] {
    return this.sql('SELECT reader, lane, position FROM reader')
      .all()
      .map((row) => ({
        reader: String(row['reader']),
        lane: row['lane'] as Lane,
        position: JSON.parse(String(row['position'])) as ReaderPosition,
      }));
  }

  setPosition(reader: string, lane: Lane, position: ReaderPosition): void {
    this.sql('INSERT OR REPLACE INTO reader (reader, lane, position) VALUES (?, ?, ?)').run(
      reader,
      lane,
      JSON.stringify(position),
    );
  }

  putAside({ reader, lane, seq, record, reason, at }: PutAside): boolean {
    const insert = this.sql('INSERT OR IGNORE INTO aside (reader, lane, seq, at, reason, record) VALUES (?, ?, ?, ?, ?, ?)');
    const { changes } = insert.run(reader, lane, seq, at, reason, JSON.stringify(record));
    this.sql(`DELETE FROM aside WHERE id <= (SELECT max(id) FROM aside) - ${maxAsides}`).run();
    return Number(changes) > 0;
  }

  asides(limit: number): PutAside[] {
    return this.sql('SELECT * FROM aside ORDER BY id DESC LIMIT ?')
      .all(limit)
      .map((row) => ({
        reader: String(row['reader']),
        lane: row['lane'] as Lane,
        seq: Number(row['seq']),
        at: Number(row['at']),
        reason: String(row['reason']),
        record: JSON.parse(String(row['record'])) as PutAside['record'],
      }));
  }

  usedBytes(): number {
    return (this.pragma('page_count') - this.pragma('freelist_count')) * pageBytes;
  }

  roomBytes(lane: Lane): number {
    const free = this.freeOnDisk() + this.pragma('freelist_count') * pageBytes;
    // Pages that are only in the write-ahead log yet are spoken for, and so is what that log itself may grow by.
    const unwritten = Math.max(0, this.pragma('page_count') * pageBytes - sizeOf(join(this.folder, 'log.db')));
    if (lane === 'alarm') return free - unwritten - oneCommitBytes;
    const walGrowth = Math.max(0, walTargetBytes - sizeOf(join(this.folder, 'log.db-wal')));
    return free - unwritten - walGrowth - diskMarginBytes;
  }

  bytesOnDisk(): number {
    return readdirSync(this.folder).reduce((sum, name) => sum + sizeOf(join(this.folder, name)), 0);
  }

  releaseBallast(): boolean {
    return liftBallast(this.folder);
  }

  restoreBallast(): void {
    layBallast(this.folder, this.ballastBytes, this.ballastBytes + 2 * diskMarginBytes);
  }

  /** On a disk that is nearly full the write-ahead log must not take the last of it: it is folded in after each commit. */
  private shrinkWal(): void {
    try {
      if (this.freeOnDisk() < walTargetBytes) this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // The commit is durable in the write-ahead log; folding it in is tried again after the next one.
      if (storeError(error) === null) throw error;
    }
  }

  private freeOnDisk(): number {
    try {
      const { bavail, bsize } = statfsSync(this.folder);
      return bavail * bsize;
    } catch (error) {
      throw new StoreError('io', `the file system does not answer: ${String(error)}`, { cause: error });
    }
  }

  private pragma(name: 'page_count' | 'freelist_count'): number {
    return Number(this.sql(`PRAGMA ${name}`).get()?.[name]);
  }

  private sql(text: string): StatementSync {
    const known = this.prepared.get(text);
    if (known !== undefined) return known;
    const statement = this.db.prepare(text);
    this.prepared.set(text, statement);
    return statement;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function laneStatements(db: DatabaseSync, lane: Lane): LaneStatements {
  const header = 'first, last, gap, since, until, at';
  return {
    put: db.prepare(`INSERT INTO ${lane} (${header}, crc, blob) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    remove: db.prepare(`DELETE FROM ${lane} WHERE first BETWEEN ? AND ?`),
    place: db.prepare(
      `SELECT * FROM (SELECT ${header} FROM ${lane} WHERE first <= ? ORDER BY first DESC LIMIT 1) WHERE last >= ?`,
    ),
    after: db.prepare(`SELECT ${header} FROM ${lane} WHERE first > ? ORDER BY first LIMIT 1`),
    headers: db.prepare(`SELECT ${header}, length(blob) AS bytes FROM ${lane} WHERE first >= ? ORDER BY first LIMIT ?`),
    untimed: db.prepare(`SELECT first FROM ${lane} WHERE gap IS NULL AND since IS NULL AND first >= ? ORDER BY first LIMIT 1`),
    gaps: db.prepare(`SELECT first, last FROM ${lane} WHERE gap IS NOT NULL AND last >= ? AND first <= ? ORDER BY last`),
  };
}

function headerOf(row: Record<string, unknown>): RowHeader {
  return {
    first: Number(row['first']),
    last: Number(row['last']),
    gap: row['gap'] as GapReason | null,
    from: row['since'] as number | null,
    to: row['until'] as number | null,
    at: Number(row['at']),
  };
}
