import { appendFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { openLog, type SqliteLog } from '../../../gateway/store/sqlite-log.ts';
import { describeWith } from '../../needs.ts';
import { alarm, bulky, commit, drain, expectConservation, numberOf, readAll, reading } from './log-fixtures.ts';
import { memoryDisk, type SmallDisk } from './mounts.ts';

const megabyte = 1024 * 1024;

describeWith(['root'], 'a log on a small disk', () => {
  let disk: SmallDisk;
  let log: SqliteLog | null = null;
  beforeEach(() => void (disk = memoryDisk(8 * megabyte)));
  afterEach(async () => {
    await log?.close();
    log = null;
    disk.dispose();
  });

  /** A log that believes it has far more room than there is. */
  async function open(): Promise<SqliteLog> {
    log = await openLog({
      folder: join(disk.folder, 'log'),
      readers: ['cloud'],
      clock: systemClock,
      maxBytes: 64 * megabyte,
      alarmReserveBytes: megabyte / 2,
      ballastBytes: megabyte / 2,
    });
    return log;
  }

  /** Somebody else takes all that is left. */
  function fillUp(): void {
    for (const bytes of [65_536, 4096, 1]) while (take(bytes));
    expect(statfsSync(disk.folder).bavail).toBe(0);
  }

  function take(bytes: number): boolean {
    try {
      appendFileSync(join(disk.folder, 'foreign'), Buffer.alloc(bytes));
      return true;
    } catch {
      return false;
    }
  }

  function giveBack(): void {
    rmSync(join(disk.folder, 'foreign'));
  }

  it('evicts the oldest telemetry when the disk ends before its quota, and keeps every alarm', async () => {
    const log = await open();
    for (let n = 1; n <= 2000; n++) await log.append(commit({ telemetry: [bulky(n)], alarm: n % 20 === 0 ? [alarm(n)] : [] }));
    const telemetry = await drain(log, 'cloud', 'telemetry');
    expect(telemetry.records + telemetry.gaps).toBe(2000);
    expect(telemetry.records).toBeGreaterThan(100);
    expect(telemetry.entries[0]?.record).toMatchObject({ kind: 'gap', reason: 'evicted', count: telemetry.gaps });
    expect(await drain(log, 'cloud', 'alarm')).toMatchObject({ records: 100, gaps: 0 });
    await expectConservation(log);
  });

  it('goes on when somebody else fills the disk: old telemetry makes room, alarms are kept', async () => {
    const log = await open();
    for (let n = 1; n <= 300; n++) await log.append(commit({ telemetry: [bulky(n)] }));
    fillUp();
    for (let n = 301; n <= 700; n++) await log.append(commit({ telemetry: [bulky(n)], alarm: [alarm(n)] }));
    expect(await drain(log, 'cloud', 'alarm')).toMatchObject({ records: 400, gaps: 0 });
    const telemetry = await drain(log, 'cloud', 'telemetry');
    expect(telemetry.records + telemetry.gaps).toBe(700);
    expect(telemetry.entries.at(-1)).toMatchObject({ seq: 700, record: bulky(700) });
    await expectConservation(log);
  });

  it('refuses readings on a disk without any room, still keeps alarms, and recovers unaided', async () => {
    const log = await open();
    fillUp();
    await expect(log.append(commit({ telemetry: [bulky(1)] }))).rejects.toMatchObject({ code: 'disk-full' });
    expect((await log.stats()).full).toBe(true);
    for (let n = 1; n <= 100; n++) await log.append(commit({ alarm: [alarm(n)], state: [['rule', String(n)]] }));
    expect((await readAll(log, 'cloud', 'alarm')).map((entry) => numberOf(entry.record))).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    giveBack();
    expect(await log.append(commit({ telemetry: [reading(1)] }))).toEqual({ alarm: 0, telemetry: 1 });
    expect((await log.stats()).full).toBe(false);
    await log.append(commit({ alarm: [alarm(101)] }));
    expect(statfsSync(disk.folder).bavail).toBeGreaterThan(0);
    await expectConservation(log);
    await log.close();
    expect((await (await open()).loadState()).get('rule')).toBe('100');
  });

  it('keeps the alarm of a frame whose readings do not fit, and says that they are missing', async () => {
    const log = await open();
    fillUp();
    await expect(log.append(commit({ telemetry: [bulky(1)] }))).rejects.toMatchObject({ code: 'disk-full' });
    expect(await log.append(commit({ telemetry: [bulky(2)], alarm: [alarm(2)] }))).toEqual({ alarm: 1, telemetry: 1 });
    expect((await readAll(log, 'cloud', 'telemetry')).map((entry) => entry.record)).toMatchObject([
      { kind: 'gap', reason: 'disk-full', count: 1, from: bulky(2).at },
    ]);
    await expectConservation(log);
  });

  it('opens on a full disk, drains what it has and keeps the next alarm', async () => {
    const first = await open();
    for (let n = 1; n <= 50; n++) await first.append(commit({ telemetry: [bulky(n)] }));
    await first.close();
    log = null;
    fillUp();
    const again = await open();
    expect([again.epoch, again.recovered]).toEqual([first.epoch, null]);
    await again.append(commit({ alarm: [alarm(1)] }));
    const telemetry = await drain(again, 'cloud', 'telemetry');
    expect(telemetry.records + telemetry.gaps).toBe(50);
    expect(await drain(again, 'cloud', 'alarm')).toMatchObject({ records: 1, gaps: 0 });
    await expectConservation(again);
  });

  it('moves its cursor and drains on a full disk', async () => {
    const log = await open();
    for (let n = 1; n <= 100; n++) await log.append(commit({ telemetry: [bulky(n)] }));
    fillUp();
    expect(await drain(log, 'cloud', 'telemetry')).toMatchObject({ records: 100, gaps: 0 });
    await expectConservation(log);
  });

  it('says that the disk is read-only, and works when it is not any more', async () => {
    const first = await open();
    await first.append(commit({ telemetry: [reading(1)] }));
    await first.close();
    log = null;
    disk.remount('ro');
    await expect(open()).rejects.toMatchObject({ code: 'read-only' });
    disk.remount('rw');
    const again = await open();
    expect(again.epoch).toBe(first.epoch);
    expect((await drain(again, 'cloud', 'telemetry')).records).toBe(1);
  });
});
