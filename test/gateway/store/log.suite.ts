import { unpack } from '@yihu/device-profiles/vocabulary/unpack.ts';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { afterEach, describe, expect, it } from 'vitest';
import type { Log } from '../../../gateway/store/log.ts';
import { alarm, bulky, commit, count, drain, expectConservation, numberOf, readAll, reading } from './log-fixtures.ts';
import { untimedSuite } from './untimed.suite.ts';

export interface LogBackend {
  /** A new, empty medium of at most 4 MiB with 512 KiB kept for alarms. */
  medium(): LogMedium;
}

/** What outlives the log: opening it again is a restart. */
export interface LogMedium {
  open(readers?: readonly string[]): Promise<Log>;
  /** Damages the stored bytes of the row that holds `seq`. The log is closed meanwhile. */
  damage(lane: Lane, seq: number): void;
  dispose(): void;
}

export const mediumBytes = 4 * 1024 * 1024;
export const mediumReserveBytes = 512 * 1024;

/** The contract of a log, whatever it is made of. */
export function logSuite(name: string, backend: LogBackend): void {
  untimedSuite(name, backend);
  describe(`${name} keeps the contract of a log`, () => {
    const opened: { medium: LogMedium; log: Log | null }[] = [];
    afterEach(async () => {
      for (const { medium, log } of opened.splice(0)) {
        await log?.close();
        medium.dispose();
      }
    });

    async function fresh(readers: readonly string[] = ['cloud', 'history']) {
      const held: { medium: LogMedium; log: Log | null } = { medium: backend.medium(), log: null };
      opened.push(held);
      held.log = await held.medium.open(readers);
      const again = async (next: readonly string[] = readers) => {
        await held.log?.close();
        held.log = null;
        held.log = await held.medium.open(next);
        return held.log;
      };
      const damage = async (lane: Lane, seq: number) => {
        await held.log?.close();
        held.log = null;
        held.medium.damage(lane, seq);
        held.log = await held.medium.open(readers);
        return held.log;
      };
      return { log: held.log, again, damage };
    }

    it('gives each lane its own sequence from 1 without holes, in the order of the calls', async () => {
      const { log } = await fresh();
      const appended = await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          log.append(commit({ telemetry: [reading(2 * n), reading(2 * n + 1)], alarm: n % 3 === 0 ? [alarm(n)] : [] })),
        ),
      );
      expect(appended.map((one) => one.telemetry)).toEqual(appended.map((_, n) => 2 * n + 1));
      expect(appended.map((one) => one.alarm)).toEqual(appended.map((_, n) => (n % 3 === 0 ? n / 3 + 1 : 0)));
      const entries = await readAll(log, 'cloud', 'telemetry');
      expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, i) => i + 1));
      expect(entries.map((entry) => numberOf(entry.record))).toEqual(entries.map((_, i) => i));
      expect((await readAll(log, 'cloud', 'alarm')).map((entry) => numberOf(entry.record))).toEqual(
        Array.from({ length: 67 }, (_, i) => 3 * i),
      );
      await expectConservation(log);
    });

    it('gives back exactly what was put in', async () => {
      const { log, again } = await fresh();
      const site = { kind: 'site', at: 1, hash: 'x', devices: [] } as const;
      await log.append(commit({ alarm: [alarm(1), { ...site, devices: [] }], telemetry: [reading(1)] }));
      const reopened = await again();
      expect((await readAll(reopened, 'cloud', 'alarm')).map((entry) => entry.record)).toEqual([alarm(1), site]);
      expect((await readAll(reopened, 'cloud', 'telemetry')).map((entry) => entry.record)).toEqual([reading(1)]);
    });

    it('keeps its epoch and goes on counting after a restart', async () => {
      const { log, again } = await fresh();
      await log.append(commit({ telemetry: [reading(1), reading(2)] }));
      const reopened = await again();
      expect(reopened.epoch).toBe(log.epoch);
      expect(await reopened.append(commit({ telemetry: [reading(3)] }))).toEqual({ alarm: 0, telemetry: 3 });
    });

    it('commits rule state with the records and forgets a key set to null', async () => {
      const { log, again } = await fresh();
      await log.append(
        commit({
          alarm: [alarm(1)],
          state: [
            ['a', '1'],
            ['b', '2'],
          ],
        }),
      );
      await log.append(
        commit({
          state: [
            ['a', null],
            ['c', '3'],
          ],
        }),
      );
      expect(await (await again()).loadState()).toEqual(
        new Map([
          ['b', '2'],
          ['c', '3'],
        ]),
      );
    });

    it('reads at most the bytes asked for, at least one batch, and no batch twice', async () => {
      const { log } = await fresh();
      for (let n = 0; n < 20; n++) await log.append(commit({ telemetry: [bulky(n)] }));
      expect(await log.read('cloud', 'telemetry', 1)).toHaveLength(1);
      const batches = await log.read('cloud', 'telemetry', 30_000);
      expect(batches.reduce((sum, batch) => sum + batch.blob.length, 0)).toBeLessThanOrEqual(30_000);
      expect(batches.length).toBeGreaterThan(1);
      expect(batches.map((batch) => unpack(batch.blob)[0]?.seq)).toEqual(batches.map((batch) => batch.first));
      expect((await readAll(log, 'cloud', 'telemetry', 0, 1)).map((entry) => numberOf(entry.record))).toEqual(
        Array.from({ length: 20 }, (_, n) => n),
      );
    });

    it('begins inside a batch where the cursor stands inside it', async () => {
      const { log } = await fresh();
      await log.append(commit({ telemetry: [reading(1), reading(2), reading(3)] }));
      await log.moveCursor('cloud', 'telemetry', 2);
      const [batch] = await log.read('cloud', 'telemetry', 1000);
      expect(batch).toMatchObject({ first: 1, last: 3 });
      await expectConservation(log);
    });

    it('gives every reader its own cursor, and keeps it over a restart', async () => {
      const { log, again } = await fresh();
      await log.append(commit({ telemetry: [reading(1), reading(2), reading(3)], alarm: [alarm(1)] }));
      await log.moveCursor('cloud', 'telemetry', 2);
      const reopened = await again();
      const { lanes } = await reopened.stats();
      expect(lanes.telemetry.readers['cloud']).toEqual({ cursor: 2, delivered: 2, buffered: 1, gaps: 0, quarantined: 0 });
      expect(lanes.telemetry.readers['history']).toEqual({ cursor: 0, delivered: 0, buffered: 3, gaps: 0, quarantined: 0 });
      expect(lanes.alarm.readers['cloud']).toEqual({ cursor: 0, delivered: 0, buffered: 1, gaps: 0, quarantined: 0 });
    });

    it('never moves a cursor past the end, and moves it back when asked', async () => {
      const { log } = await fresh();
      await log.append(commit({ telemetry: [reading(1), reading(2)] }));
      await log.moveCursor('cloud', 'telemetry', 99);
      expect((await log.stats()).lanes.telemetry.readers['cloud']?.cursor).toBe(2);
      expect(await log.read('cloud', 'telemetry', 1000)).toEqual([]);
      await log.moveCursor('cloud', 'telemetry', 0);
      expect((await drain(log, 'cloud', 'telemetry')).records).toBe(2);
      await expectConservation(log);
    });

    it('drains a backlog of many rows completely, across restarts', async () => {
      const { log, again } = await fresh();
      for (let n = 0; n < 300; n++) await log.append(commit({ telemetry: [reading(n)] }));
      const [batch] = await log.read('cloud', 'telemetry', 1);
      await log.moveCursor('cloud', 'telemetry', batch?.last ?? 0);
      const rest = await drain(await again(), 'cloud', 'telemetry', 500);
      expect(rest.records).toBe(300 - (batch?.last ?? 0));
      expect(rest.gaps).toBe(0);
    });

    it('sends again what was read but not confirmed before a restart', async () => {
      const { log, again } = await fresh();
      await log.append(commit({ telemetry: [reading(1), reading(2)] }));
      const before = await log.read('cloud', 'telemetry', 1000);
      expect(await (await again()).read('cloud', 'telemetry', 1000)).toEqual(before);
    });

    it('keeps what was delivered while there is room, so that a reader can go back', async () => {
      const { log } = await fresh();
      for (let n = 0; n < 100; n++) await log.append(commit({ telemetry: [bulky(n)] }));
      for (const reader of ['cloud', 'history']) await drain(log, reader, 'telemetry');
      await log.moveCursor('cloud', 'telemetry', 0);
      expect(await drain(log, 'cloud', 'telemetry')).toMatchObject({ records: 100, gaps: 0 });
    });

    it('gives up confirmed telemetry first: nobody loses anything', async () => {
      const { log } = await fresh(['cloud']);
      let received = 0;
      for (let n = 0; n < 1000; n++) {
        await log.append(commit({ telemetry: [bulky(n)] }));
        if (n % 50 === 49) received += (await drain(log, 'cloud', 'telemetry')).records;
      }
      const { lanes, bytesOnDisk } = await log.stats();
      expect(received).toBe(1000);
      expect(lanes.telemetry.readers['cloud']).toMatchObject({ delivered: 1000, gaps: 0, buffered: 0 });
      expect(lanes.telemetry.first).toBeGreaterThan(1);
      expect(bytesOnDisk).toBeLessThanOrEqual(mediumBytes);
    });

    it('says aloud that records expired to a reader that goes back too far', async () => {
      const { log } = await fresh(['cloud']);
      for (let n = 0; n < 1000; n++) {
        await log.append(commit({ telemetry: [bulky(n)] }));
        if (n % 50 === 49) await drain(log, 'cloud', 'telemetry');
      }
      await log.moveCursor('cloud', 'telemetry', 3);
      await expectConservation(log);
      const { first } = (await log.stats()).lanes.telemetry;
      const { entries, records, gaps } = await drain(log, 'cloud', 'telemetry');
      expect(entries[0]).toMatchObject({
        seq: 4,
        through: first - 1,
        record: { kind: 'gap', reason: 'expired', count: first - 4 },
      });
      expect([records, gaps]).toEqual([1001 - first, first - 4]);
      await expectConservation(log);
    });

    it('puts one gap in the place of evicted telemetry, with exact count and times', async () => {
      const { log, again } = await fresh(['cloud']);
      const accepted = 1200;
      for (let n = 1; n <= accepted; n++) {
        await log.append(commit({ telemetry: [bulky(n)] }));
        if (n % 100 === 0) await expectConservation(log);
      }
      expect((await log.stats()).bytesOnDisk).toBeLessThanOrEqual(mediumBytes);
      const before = (await log.stats()).lanes.telemetry.readers['cloud'];
      const reopened = await again();
      const { entries, records, gaps } = await drain(reopened, 'cloud', 'telemetry');
      expect(records + gaps).toBe(accepted);
      expect(before).toMatchObject({ cursor: 0, delivered: 0, buffered: records, gaps });
      const [gap, ...rest] = entries;
      expect(gap).toMatchObject({
        seq: 1,
        through: gaps,
        record: { kind: 'gap', reason: 'evicted', count: gaps, from: bulky(1).at, to: bulky(gaps).at },
      });
      expect(rest.map((entry) => numberOf(entry.record))).toEqual(rest.map((_, i) => gaps + 1 + i));
      expect((await reopened.stats()).lanes.telemetry.readers['cloud']).toMatchObject({ delivered: records, gaps, buffered: 0 });
      await expectConservation(reopened);
    });

    it('calls delivered what one reader had before it was evicted for another', async () => {
      const { log } = await fresh(['cloud', 'history']);
      const had = { records: 0, gaps: 0 };
      for (let n = 0; n < 1000; n++) {
        await log.append(commit({ telemetry: [bulky(n)] }));
        if (n % 20 === 19) had.records += (await drain(log, 'history', 'telemetry')).records;
      }
      const { readers } = (await log.stats()).lanes.telemetry;
      expect(readers['history']).toMatchObject({ delivered: 1000, gaps: 0 });
      expect(had.records).toBe(1000);
      expect(readers['cloud']?.gaps).toBeGreaterThan(0);
      await log.moveCursor('history', 'telemetry', 10);
      await expectConservation(log);
    });

    it('never gives up an alarm for telemetry, and keeps the reserve free for alarms', async () => {
      const { log } = await fresh(['cloud']);
      for (let n = 0; n < 1000; n++)
        await log.append(
          commit({ telemetry: [bulky(n)], alarm: n % 10 === 0 ? [alarm(n, JSON.stringify(bulky(n, 2000)))] : [] }),
        );
      const alarms = await drain(log, 'cloud', 'alarm');
      expect(alarms).toMatchObject({ records: 100, gaps: 0 });
      const { lanes, bytesOnDisk } = await log.stats();
      expect(lanes.telemetry.bytes).toBeLessThanOrEqual(mediumBytes - mediumReserveBytes);
      expect(bytesOnDisk).toBeLessThanOrEqual(mediumBytes);
      await expectConservation(log);
    });

    it('turns a damaged row into a gap, keeps its neighbours, and does not trip over it again', async () => {
      const { log, again, damage } = await fresh(['cloud', 'history']);
      for (let n = 1; n <= 9; n++) await log.append(commit({ telemetry: [reading(n)], alarm: [alarm(n)] }));
      await damage('telemetry', 5);
      const damaged = await damage('alarm', 1);
      const telemetry = await drain(damaged, 'cloud', 'telemetry');
      expect(telemetry).toMatchObject({ records: 8, gaps: 1 });
      expect(telemetry.entries[4]).toMatchObject({ seq: 5, through: 5, record: { kind: 'gap', reason: 'corrupt', count: 1 } });
      expect((await drain(damaged, 'cloud', 'alarm')).entries[0]?.record).toMatchObject({ kind: 'gap', reason: 'corrupt' });
      await expectConservation(damaged);
      const reopened = await again();
      expect((await reopened.stats()).lanes.telemetry.readers['cloud']).toMatchObject({ delivered: 8, gaps: 1 });
      expect(await drain(reopened, 'history', 'telemetry')).toMatchObject({ records: 8, gaps: 1 });
      await expectConservation(reopened);
    });

    it('makes one gap of neighbours lost for the same reason', async () => {
      const { log, damage } = await fresh(['cloud']);
      for (let n = 1; n <= 6; n++) await log.append(commit({ telemetry: [reading(n)] }));
      await damage('telemetry', 3);
      await damage('telemetry', 5);
      const damaged = await damage('telemetry', 4);
      await readAll(damaged, 'cloud', 'telemetry');
      const entries = await readAll(damaged, 'cloud', 'telemetry');
      expect(entries.filter(({ record }) => record.kind === 'gap')).toMatchObject([{ seq: 3, through: 5, record: { count: 3 } }]);
      expect(count(entries)).toEqual({ records: 3, gaps: 3 });
    });

    it('shows a reader only the part of a gap that it has not had', async () => {
      const { log, damage } = await fresh(['cloud', 'history']);
      await log.append(commit({ telemetry: [reading(1), reading(2), reading(3), reading(4)] }));
      await log.moveCursor('cloud', 'telemetry', 3);
      const damaged = await damage('telemetry', 1);
      expect(await drain(damaged, 'history', 'telemetry')).toMatchObject({ records: 0, gaps: 4 });
      expect((await drain(damaged, 'cloud', 'telemetry')).entries).toMatchObject([{ seq: 4, through: 4, record: { count: 1 } }]);
      expect((await damaged.stats()).lanes.telemetry.readers['cloud']).toMatchObject({ delivered: 3, gaps: 1 });
    });

    it('counts a record put aside once, and keeps the count over a restart', async () => {
      const { log, again } = await fresh(['cloud']);
      await log.append(commit({ telemetry: [reading(1), reading(2)] }));
      for (const reason of ['wrong', 'still wrong']) await log.quarantine('cloud', 'telemetry', 1, reading(1), reason);
      await log.quarantine('cloud', 'telemetry', 2, reading(2), 'wrong');
      expect((await (await again()).stats()).lanes.telemetry.readers['cloud']).toMatchObject({ quarantined: 2, cursor: 0 });
    });

    it('holds nothing back for a reader that is named no more', async () => {
      const { log, again } = await fresh(['cloud', 'old']);
      await log.append(commit({ telemetry: [reading(1)] }));
      const reopened = await again(['cloud']);
      for (let n = 0; n < 1000; n++) {
        await reopened.append(commit({ telemetry: [bulky(n)] }));
        if (n % 50 === 49) await drain(reopened, 'cloud', 'telemetry');
      }
      expect((await reopened.stats()).lanes.telemetry.readers).toEqual({
        cloud: { cursor: 1001, delivered: 1001, buffered: 0, gaps: 0, quarantined: 0 },
      });
    });

    it('refuses a reader it does not know', async () => {
      const { log } = await fresh(['cloud']);
      await expect(log.read('nobody', 'alarm', 1)).rejects.toThrow('nobody');
    });

    it('wakes readers after each commit with the lanes written, until they stop listening', async () => {
      const { log } = await fresh();
      const heard: string[] = [];
      const stop = log.onAppend((lanes) => heard.push(lanes.join('+')));
      await log.append(commit({ alarm: [alarm(1)] }));
      await log.append(commit({ alarm: [alarm(2)], telemetry: [reading(1)] }));
      await log.append(commit({ state: [['a', '1']] }));
      stop();
      await log.append(commit({ alarm: [alarm(3)] }));
      expect(heard).toEqual(['alarm', 'alarm+telemetry']);
    });

    it('loses nothing acked when it is closed in a burst, and takes nothing after', async () => {
      const { log, again } = await fresh(['cloud']);
      const acked = Array.from({ length: 500 }, (_, n) => log.append(commit({ telemetry: [reading(n)] })));
      const closing = log.close();
      await expect(log.append(commit({ telemetry: [reading(999)] }))).rejects.toMatchObject({ code: 'closed' });
      const settled = await Promise.allSettled(acked);
      await closing;
      const kept = settled.filter((one) => one.status === 'fulfilled').length;
      expect(kept).toBe(500);
      expect((await drain(await again(), 'cloud', 'telemetry')).records).toBe(500);
    });
  });
}
