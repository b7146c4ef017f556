import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Ledger } from './ledger.ts';
import { gapRow } from './packing.ts';
import type { Row, RowHeader } from './rows.ts';

/** Rows given up in one transaction, so that an alarm never waits behind a long one. */
const rowsPerStep = 256;

type Header = RowHeader & { bytes: number };

/**
 * Gives up the cheapest thing there is, about `wantBytes` of it: confirmed telemetry; confirmed alarms beyond their
 * reserve; the oldest unconfirmed telemetry, a gap in its place; and for an alarm, when no telemetry is left, confirmed
 * and at the very last unconfirmed alarms. False where nothing may be given up.
 */
export function evict(ledger: Ledger, lane: Lane, wantBytes: number, now: number): boolean {
  const spareAlarms = lane === 'alarm' || ledger.lanes.alarm.bytes > ledger.options.alarmReserveBytes;
  return (
    dropConfirmed(ledger, 'telemetry', wantBytes) ||
    (spareAlarms && dropConfirmed(ledger, 'alarm', wantBytes)) ||
    shedOldest(ledger, 'telemetry', wantBytes, now) ||
    (lane === 'alarm' && shedOldest(ledger, 'alarm', wantBytes, now))
  );
}

/** Puts `gap` where rows were (or should have been), and makes one of it and the gaps of the same reason beside it. */
export function replaceByGap(ledger: Ledger, lane: Lane, gap: Row): void {
  const held = ledger.rows.headersFrom(lane, gap.first, rowsPerStep + 1).filter((row) => row.first <= gap.last);
  const freed = held.reduce((sum, row) => sum + row.bytes, 0);
  const merged = mergeBeside(ledger, lane, gap);
  const counters = { ...ledger.lanes[lane], bytes: ledger.lanes[lane].bytes - freed };
  ledger.rows.transaction(() => {
    ledger.rows.remove(lane, merged.first, merged.last);
    ledger.rows.put(lane, merged);
    ledger.rows.setCounters(lane, counters);
  });
  ledger.lanes[lane] = counters;
}

function dropConfirmed(ledger: Ledger, lane: Lane, wantBytes: number): boolean {
  const { head } = ledger.lanes[lane];
  const confirmed = ledger.confirmed(lane);
  const victims = enough(
    ledger.rows.headersFrom(lane, head + 1, rowsPerStep).filter((row) => row.last <= confirmed),
    wantBytes,
  );
  const last = victims.at(-1);
  if (last === undefined) return false;
  const bytes = ledger.lanes[lane].bytes - victims.reduce((sum, row) => sum + row.bytes, 0);
  const counters = { ...ledger.lanes[lane], head: last.last, bytes };
  ledger.rows.transaction(() => {
    ledger.rows.remove(lane, head + 1, last.last);
    ledger.rows.setCounters(lane, counters);
    ledger.writeCursors();
  });
  ledger.lanes[lane] = counters;
  return true;
}

function shedOldest(ledger: Ledger, lane: Lane, wantBytes: number, now: number): boolean {
  const victims = enough(oldestRun(ledger, lane), wantBytes);
  const [first, last] = [victims[0], victims.at(-1)];
  if (first === undefined || last === undefined) return false;
  const [from, to] = span(victims);
  replaceByGap(ledger, lane, gapRow({ first: first.first, last: last.last, gap: 'evicted', from, to, at: now }));
  return true;
}

/** The first rows of the lane that are not gaps already, as far as they touch. */
function oldestRun(ledger: Ledger, lane: Lane): Header[] {
  let seq = ledger.lanes[lane].head + 1;
  for (;;) {
    const headers = ledger.rows.headersFrom(lane, seq, rowsPerStep);
    const start = headers.findIndex((row) => row.gap === null);
    if (start >= 0) return untilGap(headers.slice(start));
    const last = headers.at(-1);
    if (last === undefined) return [];
    seq = last.last + 1;
  }
}

function untilGap(headers: Header[]): Header[] {
  const end = headers.findIndex((row) => row.gap !== null);
  return end < 0 ? headers : headers.slice(0, end);
}

function enough(headers: readonly Header[], wantBytes: number): Header[] {
  let sum = 0;
  const taken: Header[] = [];
  for (const header of headers) {
    if (sum >= wantBytes) break;
    taken.push(header);
    sum += header.bytes;
  }
  return taken;
}

function mergeBeside(ledger: Ledger, lane: Lane, gap: Row): Row {
  const before = gap.first - 1 > ledger.lanes[lane].head ? ledger.rows.headersFrom(lane, gap.first - 1, 1)[0] : undefined;
  const behind = ledger.rows.headersFrom(lane, gap.last + 1, 1)[0];
  const beside = [before, behind].filter(
    (row) => row !== undefined && row.gap === gap.gap && (row.last + 1 === gap.first || row.first - 1 === gap.last),
  );
  const parts = [gap, ...beside.filter((row) => row !== undefined)];
  const [from, to] = span(parts);
  return {
    ...gap,
    first: Math.min(...parts.map((row) => row.first)),
    last: Math.max(...parts.map((row) => row.last)),
    from,
    to,
  };
}

function span(headers: readonly RowHeader[]): [number | null, number | null] {
  const from = headers.map((row) => row.from).filter((time) => time !== null);
  const to = headers.map((row) => row.to).filter((time) => time !== null);
  return [from.length > 0 ? Math.min(...from) : null, to.length > 0 ? Math.max(...to) : null];
}
