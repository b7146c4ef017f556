import { readTogether, registerPoints } from '@yihu/device-profiles/library/registers.ts';
import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { LineTime } from '../line/dialect.ts';
import { maxBits, maxRegisters } from './pdu.ts';

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

/** One register is kept free so that a retry can ask for one more. */
const mostRegisters = maxRegisters - 1;
const mostBits = maxBits - 8;
/** One request holds a line for so long at most, so that a command need not wait for longer. */
const longestRequestMs = 500;
/** What a slave usually thinks before it answers: another request costs that too. */
const thinkMs = 20;
/** Bytes of an RTU request and its answer without the data (MODBUS over serial line 1.02, §2.5.1). */
const overheadBytes = 8 + 5;

interface Limits {
  /** Registers or bits of one request. */
  readonly most: number;
  /** Registers or bits that nobody wants and that are read all the same. */
  readonly maxGap: number;
}

/**
 * Merges points into few reads: bounded by the profile's `maxRegisters`, over gaps up to its `maxGap`; on a line of known
 * speed also by the time a request takes, and over no gap that takes longer than another request would.
 */
export function planReads(profile: Profile, points: readonly string[], line?: LineTime): PlannedRead[] {
  const reads: PlannedRead[] = [];
  for (const [table, spans] of spansOf(profile, points)) reads.push(...merge(table, spans, limitsOf(profile, table, line)));
  return reads;
}

function limitsOf(profile: Profile, table: Table, line: LineTime | undefined): Limits {
  const { limits } = modbusOf(profile);
  const isBits = table === 'coil' || table === 'discrete';
  // A device that takes few registers takes as many bytes of bits.
  const most = isBits ? Math.min(mostBits, limits.maxRegisters * 16) : Math.min(mostRegisters, limits.maxRegisters);
  const maxGap = isBits ? limits.maxGap * 16 : limits.maxGap;
  const byteMs = line?.bytesMs(1) ?? 0;
  if (line === undefined || byteMs === 0) return { most, maxGap };
  const perAddressMs = isBits ? byteMs / 8 : byteMs * 2;
  const requestMs = line.bytesMs(overheadBytes) + 2 * line.gapMs;
  return {
    most: Math.max(1, Math.min(most, Math.floor((longestRequestMs - requestMs) / perAddressMs))),
    maxGap: Math.min(maxGap, Math.floor((requestMs + thinkMs) / perAddressMs)),
  };
}

/** A value must come in one answer with what it depends on. */
function spansOf(profile: Profile, points: readonly string[]): Map<Table, Span[]> {
  const places = registerPoints(profile).filter(({ id }) => points.includes(id));
  const together = readTogether(profile);
  const spans = new Map<Table, Span[]>();
  for (const { id, table, start, count } of places) {
    const others = places.filter((other) => other.table === table && together.get(id)?.has(other.id) === true);
    const list = spans.get(table) ?? [];
    list.push(others.reduce(joint, { start, count }));
    spans.set(table, list);
  }
  return spans;
}

function joint(a: Span, b: Span): Span {
  const { start, end } = extentOf([a, b]);
  return { start, count: end - start };
}

function merge(table: Table, spans: readonly Span[], { most, maxGap }: Limits): PlannedRead[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.count - a.count);
  const reads: PlannedRead[] = [];
  let open: Span[] = [];
  for (const span of sorted) {
    const { start, end } = extentOf(open);
    const reach = Math.max(end, span.start + span.count);
    // What lies within has come already, however long that is.
    const fits = open.length > 0 && (reach === end || (span.start - end <= maxGap && reach - start <= most));
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
  const runs = merge(read.table, read.spans, { most: Infinity, maxGap: 0 });
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
