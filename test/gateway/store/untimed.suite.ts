import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { afterEach, describe, expect, it } from 'vitest';
import type { Log } from '../../../gateway/store/log.ts';
import { alarm, bulky, commit, count, expectConservation, numberOf, readAll, reading, start } from './log-fixtures.ts';
import type { LogBackend, LogMedium } from './log.suite.ts';

/** A reading from before the clock was trusted: `n` seconds after the boot. */
function untimed(n: number, boot = 'b1', record = reading(n)): LogRecord {
  if (record.kind !== 'readings') throw new Error(record.kind);
  const readings = record.readings.map((each) => ({ ...each, at: n * 1_000 }));
  return { ...record, at: n * 1_000, untimed: boot, readings };
}

const shiftMs = start;
const move = (boot: string, more = {}) => ({ boot, shiftMs, estimated: false, ...more });

/** What a log does with readings whose time is not known yet. */
export function untimedSuite(name: string, backend: LogBackend): void {
  describe(`${name} holds readings back until their time is known`, () => {
    const opened: { medium: LogMedium; log: Log }[] = [];
    afterEach(async () => {
      for (const { medium, log } of opened.splice(0)) {
        await log.close();
        medium.dispose();
      }
    });

    async function fresh() {
      const medium = backend.medium();
      const held = { medium, log: await medium.open(['cloud', 'history']) };
      opened.push(held);
      const again = async (damage?: number) => {
        await held.log.close();
        if (damage !== undefined) medium.damage('telemetry', damage);
        held.log = await medium.open(['cloud', 'history']);
        return held.log;
      };
      return { log: held.log, again };
    }

    const numbers = async (log: Log) => (await readAll(log, 'cloud', 'telemetry')).map(({ record }) => numberOf(record));

    it('and what is behind them with them; alarms leave at once', async () => {
      const { log, again } = await fresh();
      await log.append(commit({ telemetry: [reading(1)] }));
      await log.append(commit({ telemetry: [untimed(2)], alarm: [{ ...alarm(2), untimed: 'b1' } as LogRecord] }));
      await log.append(commit({ telemetry: [reading(3)] }));
      for (const open of [async () => log, again]) {
        const each = await open();
        expect(await numbers(each)).toEqual([1]);
        expect(await readAll(each, 'cloud', 'alarm')).toHaveLength(1);
        await expectConservation(each);
      }
    });

    it('then they leave in their order, moved by the shift, and say nothing of it', async () => {
      const { log } = await fresh();
      await log.append(commit({ telemetry: [untimed(1), untimed(2)] }));
      await log.append(commit({ telemetry: [reading(3)] }));
      const woken: string[] = [];
      log.onAppend((lanes) => woken.push(...lanes));
      await log.retime([move('b1')]);
      expect(woken).toEqual(['telemetry']);
      const records = (await readAll(log, 'history', 'telemetry')).map(({ record }) => record);
      expect(records).toEqual([reading(1), reading(2), reading(3)]);
      await expectConservation(log);
    });

    it('also across a restart, and what was moved once is not moved again', async () => {
      const { log, again } = await fresh();
      await log.append(commit({ telemetry: [untimed(1), untimed(2)] }));
      const reopened = await again();
      for (let i = 0; i < 2; i++) await reopened.retime([move('b1')]);
      expect((await readAll(await again(), 'cloud', 'telemetry')).map(({ record }) => record)).toEqual([reading(1), reading(2)]);
    });

    it('each boot by its own shift; one that is not named waits on, and so does what is behind it', async () => {
      const { log } = await fresh();
      await log.append(commit({ telemetry: [untimed(1, 'b1')] }));
      await log.append(commit({ telemetry: [untimed(2, 'b2')] }));
      await log.append(commit({ telemetry: [untimed(3, 'b1')] }));
      await log.retime([move('b1')]);
      expect(await numbers(log)).toEqual([1]);
      await log.retime([move('b2', { estimated: true })]);
      const records = (await readAll(log, 'cloud', 'telemetry')).map(({ record }) => record);
      expect(records.map(({ at }) => at)).toEqual([start + 1_000, start + 2_000, start + 3_000]);
      const quality = records.flatMap((record) =>
        record.kind === 'readings' ? record.readings.map((each) => each.quality) : [],
      );
      expect(quality).toEqual(['good', 'uncertain', 'good']);
    });

    it('many of them, row by row', async () => {
      const { log } = await fresh();
      for (let n = 1; n <= 200; n++) await log.append(commit({ telemetry: [untimed(n, 'b1', bulky(n, 2_000))] }));
      expect(await numbers(log)).toEqual([]);
      await log.retime([move('b1')]);
      expect(await numbers(log)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
      await expectConservation(log);
    });

    it('a damaged one among them becomes a gap and keeps nobody waiting', async () => {
      const { log, again } = await fresh();
      for (let n = 1; n <= 3; n++) await log.append(commit({ telemetry: [untimed(n)] }));
      const reopened = await again(2);
      await reopened.retime([move('b1')]);
      const entries = await readAll(reopened, 'cloud', 'telemetry');
      expect(entries.map(({ record }) => record.kind)).toEqual(['readings', 'gap', 'readings']);
      await expectConservation(reopened);
    });

    it('a full log gives them up like others, with a gap that names no time', async () => {
      const { log } = await fresh();
      for (let n = 1; n <= 1_500; n++) await log.append(commit({ telemetry: [untimed(n, 'b1', bulky(n))] }));
      await log.retime([move('b1')]);
      const entries = await readAll(log, 'cloud', 'telemetry');
      const [gap] = entries;
      expect(gap?.record).toMatchObject({ kind: 'gap', reason: 'evicted' });
      expect(gap?.record).not.toHaveProperty('from');
      const { records, gaps } = count(entries);
      expect(records + gaps).toBe(1_500);
      await expectConservation(log);
    });
  });
}
