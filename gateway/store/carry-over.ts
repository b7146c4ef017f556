import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import { lanes } from '@yihu/device-profiles/vocabulary/lanes.ts';
import type { Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { Ledger } from './ledger.ts';
import { openDatabase } from './log-folder.ts';
import { StoreError } from './log.ts';
import { SqliteRows } from './sqlite-rows.ts';

const stepBytes = 64 * 1024;

export interface Carried {
  /** Records that went over into the new epoch; a gap counts as one. */
  readonly records: number;
  /** Records known to be gone; the new log says so with a gap record `corrupt`. */
  readonly lost: number;
}

/**
 * Takes what no reader has confirmed, and the rule state, from a database that was moved aside into the log of the new epoch, under
 * new sequences. As much as can be read: what cannot becomes a gap record. Another epoch means that a receiver may
 * get again what it already had and never confirmed; that is better than losing it.
 */
export function carryOver(path: string, folder: string, into: Ledger, now: number): Carried {
  let old: Ledger | null = null;
  let db: ReturnType<typeof openDatabase> | null = null;
  let carried: Carried = { records: 0, lost: 0 };
  try {
    db = openDatabase(path);
    old = new Ledger(new SqliteRows(db, folder, 0), into.options);
    into.append([{ alarm: [], telemetry: [], state: [...old.rows.state()] }], now);
    for (const lane of lanes) carried = plus(carried, carryLane(old, lane, into, now));
  } catch (error) {
    // Nothing at all could be read, not even how much there was.
    if (!isReadTrouble(error)) throw error;
  } finally {
    db?.close();
  }
  return carried;
}

function carryLane(old: Ledger, lane: Lane, into: Ledger, now: number): Carried {
  let [done, records] = [old.confirmed(lane), 0];
  try {
    for (;;) {
      const batches = old.peek(lane, done, stepBytes, now);
      const last = batches.at(-1);
      if (last === undefined) return { records, lost: 0 };
      const fresh = batches.flatMap((batch) => unpackTrusted(batch.blob)).filter(({ through }) => through > done);
      appendTo(
        into,
        lane,
        fresh.map(({ record }) => record),
        now,
      );
      records += fresh.length;
      done = last.last;
    }
  } catch (error) {
    if (!isReadTrouble(error)) throw error;
    const lost = old.lanes[lane].last - done;
    if (lost > 0) appendTo(into, lane, [{ kind: 'gap', at: now, reason: 'corrupt', count: lost }], now);
    return { records, lost };
  }
}

function appendTo(into: Ledger, lane: Lane, records: readonly LogRecord[], now: number): void {
  into.append([{ alarm: [], telemetry: [], state: [], [lane]: records }], now);
}

/** The old database does not give something back, as opposed to the new one not taking it. */
function isReadTrouble(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === 'io';
  return error instanceof Error && ('errcode' in error || error.name === 'SyntaxError');
}

function plus(a: Carried, b: Carried): Carried {
  return { records: a.records + b.records, lost: a.lost + b.lost };
}
