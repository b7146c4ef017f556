import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpack } from '@yihu/device-profiles/vocabulary/unpack.ts';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { StoreError } from '../../../gateway/store/log.ts';
import { MemoryLog } from '../../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../../gateway/store/memory-rows.ts';
import { maxPassedRanges, passedCount, passGap, rewindPassed } from '../../../gateway/store/passed-gaps.ts';
import type { ReaderPosition } from '../../../gateway/store/rows.ts';
import { alarm, bulky, commit, drain, expectConservation, numberOf } from './log-fixtures.ts';

const readers = ['cloud', 'history'] as const;
type Step =
  | { readonly do: 'append'; readonly telemetry: number; readonly alarms: number }
  | { readonly do: 'read'; readonly reader: number; readonly lane: Lane; readonly confirm: boolean }
  | { readonly do: 'rewind'; readonly reader: number; readonly lane: Lane; readonly share: number }
  | { readonly do: 'damage'; readonly lane: Lane; readonly share: number }
  | { readonly do: 'restart' }
  | { readonly do: 'crash' }
  | { readonly do: 'refuse' }
  | { readonly do: 'clock'; readonly by: number };

const lane = fc.constantFrom<Lane>('alarm', 'telemetry');
const reader = fc.nat(1);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), telemetry: fc.nat(12), alarms: fc.nat(3) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), reader, lane, confirm: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rewind' as const), reader, lane, share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('damage' as const), lane, share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), by: fc.integer({ min: -9e8, max: 9e8 }) }) },
);

/** A log on a medium of 200 kB under any steps, and what must hold after each. */
class World {
  private readonly rows = new MemoryRows();
  private now = 1_700_000_000_000;
  private readonly accepted: Record<Lane, number[]> = { alarm: [], telemetry: [] };
  private readonly damaged: Record<Lane, Set<number>> = { alarm: new Set(), telemetry: new Set() };
  /** Readers that went back by themselves: only to them may anything have expired. */
  private readonly rewound = new Set<string>();
  private n = 0;
  log = this.open();

  private open(): MemoryLog {
    const clock = { now: () => this.now };
    return new MemoryLog({ rows: this.rows, readers, clock, maxBytes: 200_000, alarmReserveBytes: 40_000 });
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case 'append':
        return this.append(one.telemetry, one.alarms);
      case 'read':
        return this.read(readers[one.reader] ?? 'cloud', one.lane, one.confirm);
      case 'rewind': {
        const name = readers[one.reader] ?? 'cloud';
        const cursor = (await this.log.stats()).lanes[one.lane].readers[name]?.cursor ?? 0;
        this.rewound.add(`${one.lane} ${name}`);
        return this.log.moveCursor(name, one.lane, Math.floor(cursor * one.share));
      }
      case 'damage': {
        const seq = Math.ceil(this.accepted[one.lane].length * one.share);
        const row = this.rows.rowAt(one.lane, seq);
        for (let gone = row?.first ?? 1; gone <= (row?.last ?? 0); gone++) this.damaged[one.lane].add(gone);
        return this.rows.damage(one.lane, seq);
      }
      case 'restart':
        await this.log.close();
        this.log = this.open();
        return;
      case 'crash':
        this.log = this.open();
        return;
      case 'refuse':
        this.rows.refuses = 'read-only';
        await expect(this.log.append(commit({ alarm: [alarm(0)] }))).rejects.toMatchObject({ code: 'read-only' });
        this.rows.refuses = null;
        return;
      case 'clock':
        this.now += one.by;
    }
  }

  private async append(telemetry: number, alarms: number): Promise<void> {
    const numbers = Array.from({ length: telemetry + alarms }, () => ++this.n);
    const [t, a] = [numbers.slice(0, telemetry), numbers.slice(telemetry)];
    const appended = await this.log.append(commit({ telemetry: t.map((n) => bulky(n, 900)), alarm: a.map((n) => alarm(n)) }));
    expect(appended).toEqual({
      alarm: alarms === 0 ? 0 : this.accepted.alarm.length + 1,
      telemetry: telemetry === 0 ? 0 : this.accepted.telemetry.length + 1,
    });
    this.accepted.telemetry.push(...t);
    this.accepted.alarm.push(...a);
  }

  private async read(name: string, of: Lane, confirm: boolean): Promise<void> {
    const { cursor = NaN } = (await this.log.stats()).lanes[of].readers[name] ?? {};
    const batches = await this.log.read(name, of, 9000);
    expect(batches.length > 0).toBe(cursor < this.accepted[of].length);
    let next = cursor + 1;
    for (const entry of batches.flatMap((batch) => unpack(batch.blob)).filter(({ through }) => through > cursor)) {
      expect(entry.seq).toBe(next);
      next = entry.through + 1;
      if (entry.record.kind !== 'gap') expect(numberOf(entry.record)).toBe(this.accepted[of][entry.seq - 1]);
      else expect(entry.record.count).toBe(entry.through - entry.seq + 1);
      if (entry.record.kind === 'gap' && entry.record.reason === 'expired') expect(this.rewound.has(`${of} ${name}`)).toBe(true);
    }
    if (confirm && batches.length > 0) await this.log.moveCursor(name, of, next - 1);
  }

  async check(): Promise<void> {
    await expectConservation(this.log);
    const { lanes } = await this.log.stats();
    expect([lanes.alarm.accepted, lanes.telemetry.accepted]).toEqual([
      this.accepted.alarm.length,
      this.accepted.telemetry.length,
    ]);
    expect(this.rows.usedBytes()).toBeLessThanOrEqual(200_000);
  }

  /** At the end everybody drains, and the alarm lane lost only what was damaged. */
  async finish(): Promise<void> {
    for (const name of readers) {
      await this.log.moveCursor(name, 'alarm', 0);
      const { entries } = await drain(this.log, name, 'alarm');
      for (const { seq, through, record } of entries)
        for (let gone = seq; record.kind === 'gap' && gone <= through; gone++) expect(this.damaged.alarm.has(gone)).toBe(true);
      await drain(this.log, name, 'telemetry');
    }
    const { lanes } = await this.log.stats();
    for (const of of Object.values(lanes))
      for (const name of readers) expect(of.readers[name]).toMatchObject({ cursor: of.accepted, buffered: 0 });
    await expectConservation(this.log);
  }
}

describe('the ledger', () => {
  it('holds its equation, its order and its bytes under any steps, clock jumps, damage and crashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }), async (steps) => {
        const world = new World();
        for (const one of steps) {
          await world.take(one);
          await world.check();
        }
        await world.finish();
      }),
      { numRuns: 60 },
    );
  });
});

/** A medium whose next writes go well, and then none: the moment of a crash. */
class CrashingRows extends MemoryRows {
  writesLeft = Infinity;

  override transaction<T>(run: () => T): T {
    if (this.writesLeft-- <= 0) throw new StoreError('io', 'the machine is gone');
    return super.transaction(run);
  }
}

describe('a crash between giving up confirmed records and the append that needed the room', () => {
  it('never makes what was confirmed look lost', async () => {
    const rows = new CrashingRows();
    const open = () =>
      new MemoryLog({ rows, readers: ['cloud'], clock: { now: () => 1 }, maxBytes: 100_000, alarmReserveBytes: 10_000 });
    const log = open();
    for (let n = 1; n <= 60; n++) await log.append(commit({ telemetry: [bulky(n, 900)] }));
    await drain(log, 'cloud', 'telemetry');
    rows.writesLeft = 1;
    await expect(log.append(commit({ telemetry: [bulky(61, 30_000)] }))).rejects.toMatchObject({ code: 'io' });
    rows.writesLeft = Infinity;
    const { first, readers: positions } = (await open().stats()).lanes.telemetry;
    expect(first).toBeGreaterThan(1);
    expect(positions['cloud']).toMatchObject({ delivered: 60, gaps: 0 });
  });
});

describe('the gaps a reader has passed', () => {
  it('stay few, and their count exact, however scattered they are', () => {
    const passed: ReaderPosition['passed'] = [];
    for (let n = 0; n < 5000; n++) passGap(passed, n * 10 + 1, n * 10 + 3);
    expect(passed.length).toBeLessThanOrEqual(maxPassedRanges);
    expect(passedCount(passed)).toBe(15_000);
    expect(passedCount(rewindPassed(passed, 49_992))).toBe(14_999);
  });
});
