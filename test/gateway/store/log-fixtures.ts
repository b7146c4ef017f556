import { createHash } from 'node:crypto';
import { unpack } from '@yihu/device-profiles/vocabulary/unpack.ts';
import type { Entry, Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { expect } from 'vitest';
import type { Commit, Log } from '../../../gateway/store/log.ts';

export const start = Date.UTC(2026, 0, 1);

/** One small reading; `n` is its value, so that a record is known again. */
export function reading(n: number, device = `meter-${n % 7}`): LogRecord {
  const at = start + n * 1000;
  return { kind: 'readings', device, profile: 'test', at, readings: [{ point: 'power', value: n, quality: 'good', at }] };
}

/** A reading that deflate cannot make smaller than about `bytes`. */
export function bulky(n: number, bytes = 6000): LogRecord {
  const at = start + n * 1000;
  const noise = createHash('shake256', { outputLength: bytes }).update(String(n)).digest('base64');
  const texts = noise.match(/.{1,4000}/g) ?? [];
  const readings = texts.map((value, i) => ({ point: `text-${i}`, value, quality: 'good' as const, at }));
  return {
    kind: 'readings',
    device: 'camera',
    profile: 'test',
    at,
    readings: [{ point: 'n', value: n, quality: 'good', at }, ...readings],
  };
}

export function alarm(n: number, text?: string): LogRecord {
  const at = start + n * 1000;
  const event = { type: 'smoke', at, serial: String(n), ...(text === undefined ? {} : { data: { text } }) };
  return { kind: 'alarm', device: 'smoke-1', profile: 'test', at, events: [event], transitions: [] };
}

export function commit(parts: Partial<Commit>): Commit {
  return { alarm: [], telemetry: [], state: [], ...parts };
}

/** The number a fixture record was made with. */
export function numberOf(record: LogRecord): number {
  if (record.kind === 'readings') return Number(record.readings[0]?.value);
  return record.kind === 'alarm' ? Number(record.events[0]?.serial) : NaN;
}

/** Everything the reader gets from `after` on, without moving its cursor. */
export async function readAll(log: Log, reader: string, lane: Lane, after = 0, maxBytes = 64 * 1024): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let done = after; ;) {
    const batches = await log.read(reader, lane, maxBytes, done);
    const last = batches.at(-1);
    if (last === undefined) return entries;
    entries.push(...batches.flatMap((batch) => unpack(batch.blob)).filter((entry) => entry.through > done));
    done = last.last;
  }
}

/** What one reader received, counted by the test itself. */
export interface Received {
  records: number;
  gaps: number;
}

/** Reads and confirms to the end as the uplink does; checks that nothing is skipped and nothing comes twice. */
export async function drain(
  log: Log,
  reader: string,
  lane: Lane,
  maxBytes = 64 * 1024,
): Promise<{ entries: Entry[] } & Received> {
  const entries: Entry[] = [];
  let cursor = (await log.stats()).lanes[lane].readers[reader]?.cursor ?? NaN;
  for (;;) {
    const batches = await log.read(reader, lane, maxBytes);
    const last = batches.at(-1);
    if (last === undefined) break;
    for (const entry of batches.flatMap((batch) => unpack(batch.blob))) {
      if (entry.through <= cursor) continue;
      expect(entry.seq).toBeLessThanOrEqual(cursor + 1);
      cursor = entry.through;
      entries.push(entry);
    }
    expect(cursor).toBe(last.last);
    await log.moveCursor(reader, lane, last.last);
  }
  return { entries, ...count(entries) };
}

export function count(entries: readonly Entry[]): Received {
  const gaps = entries.filter(({ record }) => record.kind === 'gap');
  return { records: entries.length - gaps.length, gaps: gaps.reduce((sum, { seq, through }) => sum + through - seq + 1, 0) };
}

/** accepted = delivered + buffered + gaps, for every lane and reader. */
export async function expectConservation(log: Log): Promise<void> {
  for (const lane of Object.values((await log.stats()).lanes))
    for (const { delivered, buffered, gaps } of Object.values(lane.readers)) {
      expect(Math.min(delivered, buffered, gaps)).toBeGreaterThanOrEqual(0);
      expect(delivered + buffered + gaps).toBe(lane.accepted);
    }
}
