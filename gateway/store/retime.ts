import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import { replaceByGap } from './eviction.ts';
import type { Ledger } from './ledger.ts';
import type { TimeMove } from './log.ts';
import { checksum, gapRow, isUntimed, packRow } from './packing.ts';

/**
 * Rewrites the first row behind `after` that holds readings without a time, in one transaction. Returns where to go on, or
 * null where there is none left. Readings of a boot that no move names stay as they are.
 */
export function retimeRow(ledger: Ledger, moves: readonly TimeMove[], after: number, now: number): number | null {
  const first = ledger.rows.untimedFrom('telemetry', after + 1);
  const row = first === undefined ? undefined : ledger.rows.rowAt('telemetry', first);
  if (row === undefined) return null;
  if (checksum(row.first, row.last, row.blob) !== row.crc) {
    replaceByGap(ledger, 'telemetry', gapRow({ ...row, gap: 'corrupt', at: now }));
    return row.last;
  }
  const entries = unpackTrusted(row.blob);
  const timed = entries.map((entry) => timedEntry(entry, moves));
  if (timed.some((entry, i) => entry !== entries[i])) put(ledger, row.blob.length, timed);
  return row.last;
}

function put(ledger: Ledger, bytesBefore: number, entries: readonly Entry[]): void {
  const row = packRow(entries);
  const { telemetry } = ledger.lanes;
  const counters = { ...telemetry, bytes: telemetry.bytes + row.blob.length - bytesBefore };
  ledger.rows.transaction(() => {
    ledger.rows.remove('telemetry', row.first, row.first);
    ledger.rows.put('telemetry', row);
    ledger.rows.setCounters('telemetry', counters);
  });
  ledger.lanes.telemetry = counters;
}

function timedEntry(entry: Entry, moves: readonly TimeMove[]): Entry {
  const { record } = entry;
  if (record.kind !== 'readings' || !isUntimed(record)) return entry;
  const move = moves.find(({ boot }) => boot === record.untimed);
  if (!move) return entry;
  const { untimed: _boot, ...rest } = record;
  const readings = record.readings.map((reading) => timedReading(reading, move));
  return { ...entry, record: { ...rest, at: record.at + move.shiftMs, readings } };
}

function timedReading(reading: Reading, { shiftMs, estimated }: TimeMove): Reading {
  const timed = { ...reading, at: reading.at + shiftMs };
  return estimated && reading.quality === 'good' ? { ...timed, quality: 'uncertain', reason: 'untimed' } : timed;
}
