import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './log.ts';
import { isCorrupt, storeError } from './sqlite-error.ts';
import { schema } from './sqlite-rows.ts';

/** Why the log began a new epoch over what was in the folder; the old database was moved to `movedTo`. */
export interface MovedAside {
  readonly reason: 'damaged' | 'cloned';
  readonly movedTo: string;
  readonly detail: string;
}

export interface OpenedFolder {
  readonly db: DatabaseSync;
  readonly epoch: string;
  readonly movedAside: MovedAside | null;
}

const suffixes = ['', '-wal', '-shm', '-journal'];

/**
 * Opens the database of the log, or makes it, with `newEpoch` as its name.
 *
 * The file `instance` beside it says which file on which machine the epoch belongs to (inode, machine id). A folder that was copied, restored
 * from an archive or put into another machine does not match: one epoch must never be written by two logs, so a new one begins.
 * Not seen: an image of the whole disk put back on the same machine. There the cloud's cursor is ahead of the log, and
 * `renewEpoch` is what the uplink asks for. A database that cannot be read is moved aside, and a new epoch begins.
 * @throws StoreError where the folder cannot be written
 */
export function openFolder(folder: string, newEpoch: string): OpenedFolder {
  try {
    mkdirSync(folder, { recursive: true });
    return openMatching(folder, newEpoch);
  } catch (error) {
    throw nameTrouble(storeError(error) ?? fileError(error), folder);
  }
}

const forbidden: ReadonlySet<string | undefined> = new Set(['EROFS', 'EACCES', 'EPERM']);

/** SQLite calls a read-only file system an I/O error; the file system itself says what it is. */
export function nameTrouble<E>(error: E, folder: string): E | StoreError {
  if (!(error instanceof StoreError) || error.code !== 'io') return error;
  try {
    accessSync(folder, constants.W_OK);
    return error;
  } catch (cause) {
    // A folder that is gone (a disk that was unplugged) is not a read-only one: it does not come back by waiting.
    if (!forbidden.has((cause as NodeJS.ErrnoException).code)) return error;
    return new StoreError('read-only', `the log's folder cannot be written: ${String(cause)}`, { cause: error });
  }
}

/** The next start begins a new epoch: for when the cloud holds more of this epoch than the log does. */
export function renewEpoch(folder: string): void {
  rmSync(join(folder, 'instance'), { force: true });
}

/** Leaves word that the database was found damaged while running; the next start moves it aside. */
export function markDamaged(folder: string, detail: string): void {
  writeFileSync(join(folder, 'damaged'), detail);
}

/** All that had to come out of the old database has: the next start begins as usual. */
export function recoveryDone(folder: string): void {
  rmSync(join(folder, 'recovering'), { force: true });
}

function openMatching(folder: string, newEpoch: string): OpenedFolder {
  const path = join(folder, 'log.db');
  const movedAside = unfinished(folder, path) ?? beginRecovery(folder, path);
  if (movedAside !== null) moveAside(path, movedAside.movedTo);
  return { ...openHealthy(folder, path, newEpoch), movedAside };
}

/** A recovery that a crash cut short begins again: the new database is nobody's yet, the old one is still whole. */
function unfinished(folder: string, path: string): MovedAside | null {
  const intent = join(folder, 'recovering');
  if (!existsSync(intent)) return null;
  const movedAside = JSON.parse(readFileSync(intent, 'utf8')) as MovedAside;
  if (existsSync(movedAside.movedTo)) removeDatabase(path);
  return movedAside;
}

function beginRecovery(folder: string, path: string): MovedAside | null {
  const trouble = existsSync(path) ? findTrouble(folder, path) : null;
  if (trouble === null) return null;
  const movedAside = { ...trouble, movedTo: `${path}.${trouble.reason}` };
  removeDatabase(movedAside.movedTo);
  const intent = join(folder, 'recovering');
  writeFileSync(`${intent}.new`, JSON.stringify(movedAside), { flush: true });
  renameSync(`${intent}.new`, intent);
  return movedAside;
}

function findTrouble(folder: string, path: string): { reason: MovedAside['reason']; detail: string } | null {
  const marker = join(folder, 'damaged');
  if (existsSync(marker)) return { reason: 'damaged', detail: readFileSync(marker, 'utf8') };
  try {
    const epoch = epochIn(path);
    if (epoch !== null && !instanceMatches(folder, path, epoch))
      return { reason: 'cloned', detail: 'the folder is a copy, or in another machine' };
    return null;
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return { reason: 'damaged', detail: error instanceof Error ? error.message : String(error) };
  }
}

function openHealthy(folder: string, path: string, newEpoch: string): { db: DatabaseSync; epoch: string } {
  const db = openDatabase(path);
  try {
    const known = epochOf(db);
    if (known !== null) return { db, epoch: known };
    db.prepare("INSERT INTO meta (key, value) VALUES ('epoch', ?)").run(newEpoch);
    writeFileSync(join(folder, 'instance'), instanceOf(path, newEpoch), { flush: true });
    rmSync(join(folder, 'damaged'), { force: true });
    return { db, epoch: newEpoch };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Closed whatever comes of it: a database that is left open when its thread ends takes the process with it. */
function epochIn(path: string): string | null {
  const db = openDatabase(path);
  try {
    return epochOf(db);
  } finally {
    db.close();
  }
}

/** A database of the log, its tables made. */
export function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    db.exec('PRAGMA wal_autocheckpoint = 256; PRAGMA cell_size_check = ON');
    db.exec(schema);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function epochOf(db: DatabaseSync): string | null {
  const row = db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get();
  return row === undefined ? null : String(row['value']);
}

/** The database itself goes last: where it has arrived, all of it has. */
function moveAside(path: string, movedTo: string): void {
  for (const suffix of suffixes.toReversed()) if (existsSync(path + suffix)) renameSync(path + suffix, movedTo + suffix);
}

function instanceMatches(folder: string, path: string, epoch: string): boolean {
  const marker = join(folder, 'instance');
  return existsSync(marker) && readFileSync(marker, 'utf8') === instanceOf(path, epoch);
}

function instanceOf(path: string, epoch: string): string {
  const machine = existsSync('/etc/machine-id') ? readFileSync('/etc/machine-id', 'utf8').trim() : '';
  return JSON.stringify({ epoch, inode: statSync(path).ino, machine });
}

function fileError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  return new StoreError(error.code === 'ENOSPC' ? 'disk-full' : 'io', error.message, { cause: error });
}

/** Takes away a database that is needed no more. */
export function removeDatabase(path: string): void {
  for (const suffix of suffixes) rmSync(path + suffix, { force: true });
}
