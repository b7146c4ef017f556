import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import { registerPoints } from '@yihu/device-profiles/library/registers.ts';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Point, Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { maxBits, maxRegisters } from './pdu.ts';
import type { LineTime } from './line-time.ts';

/** The addresses one or more points need together; never read in two. */
export interface Span {
  readonly start: number;
  readonly count: number;
}

/** One request: the spans it covers lie within `start` … `start + count`. */
export interface PlannedRead {
  readonly table: Table;
  readonly start: number;
  readonly count: number;
  readonly spans: readonly Span[];
}

/** What one device's group needs, in few requests. */
export interface Plan {
  readonly reads: readonly PlannedRead[];
  /** Predicted time on a serial line for one cycle, milliseconds, without the slave's own thinking time. */
  readonly lineTimeMs: number;
}

/** One register is kept free so that a retry can ask for one more. */
const mostRegisters = maxRegisters - 1;
const mostBits = maxBits - 8;

/** The group that reads a point: its own, or the profile's first. */
function groupOf(profile: Profile, point: Point): string | undefined {
  return point.group ?? Object.keys(profile.groups)[0];
}

function spansOf(profile: Profile, group: string): Map<Table, Span[]> {
  const spans = new Map<Table, Span[]>();
  for (const { point, table, start, count } of registerPoints(profile)) {
    if (groupOf(profile, point) !== group) continue;
    const list = spans.get(table) ?? [];
    list.push({ start, count });
    spans.set(table, list);
  }
  return spans;
}

/** Merges the points of `group` into few reads: bounded by the profile's `maxRegisters`, over gaps up to its `maxGap`. */
export function planGroup(profile: Profile, group: string, line?: LineTime): Plan {
  const { limits } = modbusOf(profile);
  const reads: PlannedRead[] = [];
  for (const [table, spans] of spansOf(profile, group)) {
    const isBits = table === 'coil' || table === 'discrete';
    // A device that takes few registers takes as many bytes of bits.
    const most = isBits ? Math.min(mostBits, limits.maxRegisters * 16) : Math.min(mostRegisters, limits.maxRegisters);
    reads.push(...merge(table, spans, most, isBits ? limits.maxGap * 16 : limits.maxGap));
  }
  return { reads, lineTimeMs: line ? lineTimeOf(reads, line) : 0 };
}

function merge(table: Table, spans: readonly Span[], most: number, maxGap: number): PlannedRead[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.count - a.count);
  const reads: PlannedRead[] = [];
  let open: Span[] = [];
  for (const span of sorted) {
    const { start, end } = extentOf(open);
    const fits = open.length > 0 && span.start - end <= maxGap && Math.max(end, span.start + span.count) - start <= most;
    if (open.length > 0 && !fits) {
      reads.push(readOf(table, open));
      open = [];
    }
    open.push(span);
  }
  if (open.length > 0) reads.push(readOf(table, open));
  return reads;
}

function extentOf(spans: readonly Span[]): { start: number; end: number } {
  let start = Infinity;
  let end = -Infinity;
  for (const span of spans) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.start + span.count);
  }
  return { start, end };
}

function readOf(table: Table, spans: readonly Span[]): PlannedRead {
  const { start, end } = extentOf(spans);
  return { table, start, count: end - start, spans };
}

/**
 * Takes a refused read apart: first at its gaps, for a register nobody wanted may be the one that is not there; then in
 * halves. Nothing when it is down to one value.
 */
export function split(read: PlannedRead): PlannedRead[] | undefined {
  const runs = merge(read.table, read.spans, Infinity, 0);
  if (runs.length > 1) return runs;
  for (let middle = Math.ceil(read.spans.length / 2); middle < read.spans.length; middle += 1) {
    const parts = cut(read, middle);
    if (parts) return parts;
  }
  for (let middle = Math.floor(read.spans.length / 2); middle > 0; middle -= 1) {
    const parts = cut(read, middle);
    if (parts) return parts;
  }
  return undefined;
}

/** Two reads, cut before the span `middle`, unless spans overlap there. */
function cut(read: PlannedRead, middle: number): PlannedRead[] | undefined {
  const left = read.spans.slice(0, middle);
  const right = read.spans.slice(middle);
  if (extentOf(left).end > extentOf(right).start) return undefined;
  return [readOf(read.table, left), readOf(read.table, right)];
}

/** Request of 8 bytes, answer of 5 and the data, a silence before each. */
function lineTimeOf(reads: readonly PlannedRead[], line: LineTime): number {
  let total = 0;
  for (const { table, count } of reads) {
    const data = table === 'coil' || table === 'discrete' ? Math.ceil(count / 8) : count * 2;
    total += line.bytesMs(8 + 5 + data) + 2 * line.gapMs;
  }
  return total;
}
