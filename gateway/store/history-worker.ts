import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';
import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import { HistoryEngine, historySchema, type Retention } from './history-engine.ts';
import { StoreError } from './log.ts';
import { isCorrupt } from './sqlite-error.ts';
import { answerOf, serveRequests } from './worker-serve.ts';

/** The worker thread of the embedded history. */
const port = parentPort;
if (port === null) throw new Error('history-worker.ts runs as a worker thread');
let open: { db: DatabaseSync; engine: HistoryEngine } | null = null;

serveRequests(port, (requests) => {
  for (const request of requests) {
    port.postMessage(answerOf(request.id, () => serve(request.call, request.args)));
    if (request.call === 'close') port.close();
  }
});

function serve(call: string, args: readonly unknown[]): unknown {
  if (call === 'open') return start(args[0] as { folder: string; retention: Retention });
  if (open === null) throw new StoreError('closed', 'the history is closed');
  switch (call) {
    case 'write':
      return open.engine.write(args[0] as Entry[], Number(args[1]));
    case 'read':
      return open.engine.read(...(args as [string, string, number, number, number]));
    case 'latest':
      return open.engine.latest(String(args[0]));
    case 'usedBytes':
      open.engine.fold();
      return open.engine.usedBytes();
    case 'close':
      return stop();
    default:
      throw new RangeError(`the history has no call «${call}»`);
  }
}

function start({ folder, retention }: { folder: string; retention: Retention }): { recovered: string | null } {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'history.db');
  try {
    open = openDatabase(path, retention);
    return { recovered: null };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const movedTo = moveAside(path);
    open = openDatabase(path, retention);
    return { recovered: movedTo };
  }
}

function openDatabase(path: string, retention: Retention): { db: DatabaseSync; engine: HistoryEngine } {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    db.exec(historySchema);
    return { db, engine: new HistoryEngine(db, retention) };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Damaged beyond opening: kept for a look, and a new history begins. The log and the cloud are not touched by it. */
function moveAside(path: string): string {
  const movedTo = `${path}.damaged`;
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(movedTo + suffix, { force: true });
    if (existsSync(path + suffix)) renameSync(path + suffix, movedTo + suffix);
  }
  return movedTo;
}

function stop(): void {
  const db = open?.db;
  open = null;
  db?.close();
}
