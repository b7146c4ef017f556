import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { History } from '../../../gateway/store/history.ts';

export interface HistoryBackend {
  /** A new, empty medium. */
  medium(): Promise<HistoryMedium>;
}

/** What outlives the history: opening it again is a restart. */
export interface HistoryMedium {
  open(): Promise<History>;
  dispose(): Promise<void>;
}

const hour = 3_600_000;
export const base = Date.UTC(2026, 5, 1);

export function entry(
  seq: number,
  device: string,
  readings: readonly (Partial<Reading> & Pick<Reading, 'point' | 'value'>)[],
): Entry {
  const full = readings.map((one) => ({ quality: 'good' as const, at: base + seq * 1000, ...one }));
  return { seq, through: seq, record: { kind: 'readings', device, profile: 'meter', at: base, readings: full } };
}

/** The contract of a history, whatever it is made of. */
export function historySuite(name: string, backend: HistoryBackend): void {
  describe(`${name} keeps the contract of a history`, () => {
    let medium: HistoryMedium;
    let history: History;
    beforeEach(async () => {
      medium = await backend.medium();
      history = await medium.open();
    });
    afterEach(async () => {
      await history.close();
      await medium.dispose();
    });

    async function restart(): Promise<void> {
      await history.close();
      history = await medium.open();
    }

    it('keeps what a device had kept under the time it is about', async () => {
      const kept = { point: 'level', value: 7, deviceAt: base - hour, historical: true as const };
      await history.write([entry(1, 'tank', [kept, { point: 'level', value: 9 }])]);
      await restart();
      const rows = await history.read('tank', 'level', base - 2 * hour, base + hour, 10);
      expect(rows.map(({ at, value }) => [at, value])).toEqual([
        [base - hour, 7],
        [base + 1000, 9],
      ]);
    });

    it('gives back every kind of value and quality exactly, before and after a restart', async () => {
      const readings = [
        { point: 'whole', value: 42 },
        { point: 'fraction', value: 21.7 },
        { point: 'third', value: 1 / 3 },
        { point: 'small', value: 1.5e-12 },
        { point: 'large', value: -9_007_199_254_740_991 },
        { point: 'pulses', value: '18446744073709551615' },
        { point: 'negative-pulses', value: '-9223372036854775808' },
        { point: 'door', value: true },
        { point: 'lock', value: false },
        { point: 'mode', value: '制冷 "auto", \\ = a\nb' },
        { point: 'empty', value: '' },
        { point: 'lost', value: null, quality: 'bad' as const },
        { point: 'late', value: 7, quality: 'uncertain' as const },
      ];
      expect(await history.write([entry(1, 'meter-1', readings)])).toEqual([]);
      const expected = readings.map(
        ({ point, value, quality = 'good' }) => [point, { at: base + 1000, value, quality }] as const,
      );
      for (const _ of ['fresh', 'reopened']) {
        const latest = await history.latest('meter-1');
        expect(latest).toEqual(new Map(expected));
        for (const [point, row] of expected) expect(await history.read('meter-1', point, base, base + hour, 10)).toEqual([row]);
        await restart();
      }
    });

    it('reads from ≤ at < to, oldest first, at most the limit, across hours', async () => {
      const entries = Array.from({ length: 240 }, (_, n) =>
        entry(n + 1, 'meter-1', [{ point: 'power', value: n / 10, at: base + n * 60_000 }]),
      );
      await history.write(entries);
      const rows = await history.read('meter-1', 'power', base + 30 * 60_000, base + 150 * 60_000, 1000);
      expect(rows.map((row) => row.at)).toEqual(Array.from({ length: 120 }, (_, i) => base + (30 + i) * 60_000));
      expect(rows[0]?.value).toBe(3);
      expect(await history.read('meter-1', 'power', base, base + 4 * hour, 5)).toEqual(
        (await history.read('meter-1', 'power', base, base + 4 * hour, 999)).slice(0, 5),
      );
      expect(await history.read('meter-1', 'power', base + hour, base + hour, 10)).toEqual([]);
    });

    it('changes nothing when the same entries are written again', async () => {
      const entries = Array.from({ length: 50 }, (_, n) => entry(n + 1, 'meter-1', [{ point: 'power', value: n }]));
      await history.write(entries);
      const before = await history.read('meter-1', 'power', base, base + hour, 1000);
      await history.write(entries);
      await restart();
      await history.write(entries.slice(10, 20));
      expect(before).toHaveLength(50);
      expect(await history.read('meter-1', 'power', base, base + hour, 1000)).toEqual(before);
    });

    it('puts late readings where they belong, and calls the newest the latest', async () => {
      await history.write([entry(1, 'meter-1', [{ point: 'power', value: 3, at: base + 3 * hour }])]);
      await restart();
      await history.write([
        entry(2, 'meter-1', [
          { point: 'power', value: 1, at: base + 1 * hour },
          { point: 'power', value: 2, at: base + 2 * hour },
        ]),
      ]);
      expect((await history.read('meter-1', 'power', base, base + 9 * hour, 10)).map((row) => row.value)).toEqual([1, 2, 3]);
      expect((await history.latest('meter-1')).get('power')?.value).toBe(3);
    });

    it('keeps devices and points apart, whatever they are called', async () => {
      const names = ['a b', 'a,b', 'a=b', "a'b", 'a"b', '楼道 3', 'a\\b'];
      await history.write(
        names.flatMap((device, d) =>
          names.map((point, p) => entry(d * 10 + p + 1, device, [{ point, value: d * 10 + p, at: base }])),
        ),
      );
      for (const [d, device] of names.entries())
        for (const [p, point] of names.entries())
          expect(await history.read(device, point, base, base + 1, 10), `${device}/${point}`).toMatchObject([
            { value: d * 10 + p },
          ]);
    });

    it('knows nothing of a device or point that never spoke', async () => {
      await history.write([entry(1, 'meter-1', [{ point: 'power', value: 1 }])]);
      expect(await history.read('meter-1', 'other', base, base + hour, 10)).toEqual([]);
      expect(await history.read('other', 'power', base, base + hour, 10)).toEqual([]);
      expect(await history.latest('other')).toEqual(new Map());
    });

    it('refuses a reading it can never hold, with a reason, and takes its neighbours', async () => {
      const impossible = Number.MAX_SAFE_INTEGER - 1;
      const refused = await history.write([
        entry(1, 'meter-1', [{ point: 'power', value: 1 }]),
        entry(2, 'meter-1', [
          { point: 'power', value: 2, at: impossible },
          { point: 'volume', value: 5 },
        ]),
        entry(3, 'meter-1', [{ point: 'power', value: 3 }]),
      ]);
      expect(refused).toMatchObject([{ seq: 2, point: 'power' }]);
      expect(refused[0]?.reason).not.toBe('');
      expect((await history.read('meter-1', 'power', base, base + hour, 10)).map((row) => row.value)).toEqual([1, 3]);
      expect((await history.latest('meter-1')).get('volume')?.value).toBe(5);
    });

    it('skips what is not a reading', async () => {
      const gap: Entry = { seq: 1, through: 9, record: { kind: 'gap', at: base, reason: 'evicted', count: 9 } };
      expect(await history.write([gap])).toEqual([]);
    });
  });
}
