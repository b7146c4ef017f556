import {
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { renewEpoch } from '../../../gateway/store/log-folder.ts';
import { openLog, type SqliteLog } from '../../../gateway/store/sqlite-log.ts';
import { alarm, bulky, commit, drain, expectConservation, numberOf, readAll, reading } from './log-fixtures.ts';

describe('opening a log that something happened to', () => {
  let folder: string;
  const open: SqliteLog[] = [];
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'yihu-log-'))));
  afterEach(async () => {
    for (const log of open.splice(0)) await log.close();
    rmSync(folder, { recursive: true });
  });

  async function openAt(at = folder): Promise<SqliteLog> {
    const log = await openLog({ folder: at, readers: ['cloud'], clock: systemClock, maxBytes: 8 * 1024 * 1024 });
    open.push(log);
    return log;
  }

  it('is refused to a second log at the same time', async () => {
    await openAt();
    await expect(openAt()).rejects.toMatchObject({ code: 'io' });
  });

  it('begins a new epoch over a copied folder, and carries over what nobody confirmed', async () => {
    const first = await openAt(join(folder, 'one'));
    await first.append(
      commit({ telemetry: [reading(1), reading(2), reading(3)], alarm: [alarm(7)], state: [['rule', '{"n":1}']] }),
    );
    await first.moveCursor('cloud', 'telemetry', 2);
    await first.close();
    cpSync(join(folder, 'one'), join(folder, 'two'), { recursive: true, preserveTimestamps: true });
    const copy = await openAt(join(folder, 'two'));
    expect(copy.epoch).not.toBe(first.epoch);
    expect(copy.recovered).toMatchObject({ reason: 'cloned', records: 2, lost: 0, movedTo: null });
    expect((await readAll(copy, 'cloud', 'telemetry')).map((entry) => [entry.seq, numberOf(entry.record)])).toEqual([[1, 3]]);
    expect((await readAll(copy, 'cloud', 'alarm')).map((entry) => numberOf(entry.record))).toEqual([7]);
    expect(await copy.loadState()).toEqual(new Map([['rule', '{"n":1}']]));
    const original = await openAt(join(folder, 'one'));
    expect([original.epoch, original.recovered]).toEqual([first.epoch, null]);
  });

  it('begins a new epoch when asked to, for a disk that was put back from an image', async () => {
    const first = await openAt();
    await first.append(commit({ telemetry: [reading(1)] }));
    await first.close();
    renewEpoch(folder);
    const second = await openAt();
    expect(second.epoch).not.toBe(first.epoch);
    expect((await drain(second, 'cloud', 'telemetry')).records).toBe(1);
  });

  it('moves a file that is no database aside, says so, and begins anew', async () => {
    writeFileSync(join(folder, 'log.db'), 'x'.repeat(9000));
    const log = await openAt();
    expect(log.recovered).toMatchObject({ reason: 'damaged', records: 0, movedTo: join(folder, 'log.db.damaged') });
    expect(readFileSync(join(folder, 'log.db.damaged'), 'utf8')).toMatch(/^x+$/);
    expect(await log.append(commit({ alarm: [alarm(1)] }))).toEqual({ alarm: 1, telemetry: 0 });
  });

  it.each([3, 17, 60])('never loops over damaged pages, and says how many records are gone (from page %i on)', async (page) => {
    const first = await openAt();
    for (let n = 1; n <= 100; n++) await first.append(commit({ telemetry: [bulky(n)], alarm: [alarm(n)] }));
    await first.close();
    damagePages(join(folder, 'log.db'), page, 12);
    const seen = await openUntilHealthy();
    const { records, gaps, entries } = await drain(seen, 'cloud', 'telemetry');
    const told = entries.reduce((sum, { record }) => sum + (record.kind === 'gap' ? record.count : 0), 0);
    if (seen.epoch === first.epoch) expect(records + gaps).toBe(100);
    else expect(records + told).toBeGreaterThanOrEqual(seen.recovered?.records ?? Infinity);
    for (const { record } of entries) if (record.kind === 'readings') expect(record).toEqual(bulky(numberOf(record)));
    expect((await seen.append(commit({ telemetry: [reading(1)] }))).telemetry).toBe((await seen.stats()).lanes.telemetry.last);
    await expectConservation(seen);
  });

  it('begins a recovery again that a crash cut short', async () => {
    const first = await openAt();
    for (let n = 1; n <= 20; n++) await first.append(commit({ telemetry: [reading(n)] }));
    await first.close();
    // The state after: intent written, database moved, a new one begun and nothing carried over.
    const movedTo = join(folder, 'log.db.damaged');
    cpSync(join(folder, 'log.db'), movedTo);
    rmSync(join(folder, 'log.db'));
    await (await openAt()).close();
    writeFileSync(join(folder, 'recovering'), JSON.stringify({ reason: 'damaged', detail: 'test', movedTo }));
    const second = await openAt();
    expect(second.recovered).toMatchObject({ records: 20, lost: 0 });
    expect((await drain(second, 'cloud', 'telemetry')).records).toBe(20);
    expect(existsSync(join(folder, 'recovering'))).toBe(false);
  });

  it('lets only so much wait in front of the disk, and more of alarms than of readings', async () => {
    const log = await openAt();
    const big = Array.from({ length: 200 }, (_, n) => bulky(n, 3000));
    const offered = Array.from({ length: 40 }, () => log.append(commit({ telemetry: big })));
    const urgent = log.append(commit({ alarm: [alarm(1)] }));
    const settled = await Promise.allSettled(offered);
    const refused = settled.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'overloaded' });
    expect(await urgent).toEqual({ alarm: 1, telemetry: 0 });
    expect((await log.stats()).lanes.telemetry.accepted).toBe((40 - refused.length) * big.length);
    await expectConservation(log);
    expect((await log.append(commit({ telemetry: [reading(1)] }))).telemetry).toBeGreaterThan(0);
  });

  it('stays within its bytes, ballast and write-ahead log included', async () => {
    const log = await openAt();
    for (let n = 0; n < 1200; n += 10)
      await Promise.all(Array.from({ length: 10 }, (_, i) => log.append(commit({ telemetry: [bulky(n + i, 9000)] }))));
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect((await log.stats()).bytesOnDisk).toBe(bytes);
  });

  /** A running log that trips over a damaged page says so at most once; the next start sorts it out. */
  async function openUntilHealthy(): Promise<SqliteLog> {
    for (let attempt = 1; ; attempt++) {
      const log = await openAt();
      try {
        await readAll(log, 'cloud', 'telemetry');
        await readAll(log, 'cloud', 'alarm');
        return log;
      } catch (error) {
        if (attempt === 2) throw error;
        await log.close();
      }
    }
  }
});

function damagePages(path: string, from: number, count: number): void {
  const file = openSync(path, 'r+');
  for (let page = from; page < from + count; page++) writeSync(file, Buffer.alloc(4096, page), 0, 4096, page * 4096);
  closeSync(file);
}
