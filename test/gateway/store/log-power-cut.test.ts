import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { StoreError } from '../../../gateway/store/log.ts';
import { openLog } from '../../../gateway/store/sqlite-log.ts';
import { describeWith } from '../../needs.ts';
import { Acked, appendUntil, expectNothingLost } from './acked.ts';
import { alarm, commit, drain, expectConservation, reading } from './log-fixtures.ts';
import { loopDisk, loopDisksWork } from './mounts.ts';

const maxBytes = 8 * 1024 * 1024;
const cuts = 3;

function body(): void {
  it('comes back by itself when its disk does, with everything acked', async () => {
    const disk = loopDisk(64 * 1024 * 1024);
    const log = await openLog({ folder: join(disk.folder, 'log'), readers: ['cloud'], clock: systemClock, maxBytes });
    try {
      for (let n = 1; n <= 20; n++) await log.append(commit({ telemetry: [reading(n)] }));
      disk.cutPower();
      await expect(log.append(commit({ telemetry: [reading(21)] }))).rejects.toBeInstanceOf(StoreError);
      await expect(log.append(commit({ alarm: [alarm(1)] }))).rejects.toBeInstanceOf(StoreError);
      disk.restore();
      expect(await log.append(commit({ alarm: [alarm(1)] }))).toEqual({ alarm: 1, telemetry: 0 });
      const { records, gaps } = await drain(log, 'cloud', 'telemetry');
      // The one that was refused may be there or not: its device was not acked, and sends it again.
      expect([records - 20, gaps]).toEqual([expect.toBeOneOf([0, 1]), 0]);
      await expectConservation(log);
    } finally {
      await log.close();
      disk.dispose();
    }
  });

  it(`loses nothing acked in ${cuts} power cuts`, async () => {
    const disk = loopDisk(64 * 1024 * 1024);
    const folder = join(disk.folder, 'log');
    try {
      const acked = new Acked();
      for (let cut = 0; cut < cuts; cut++) {
        // Only acks noted before the cut begins count; the child is killed once its disk is gone.
        await appendUntil(folder, maxBytes, acked, 300 + cut * 171, (child) => {
          disk.cutPower();
          child.kill('SIGKILL');
        });
        disk.restore();
        const log = await openLog({ folder, readers: ['cloud', 'history'], clock: systemClock, maxBytes });
        expect(log.recovered).toBeNull();
        await expectNothingLost(log, acked);
        await log.close();
      }
    } finally {
      disk.dispose();
    }
  });
}

if (loopDisksWork()) describeWith(['root'], 'the log on a disk that loses its power', body);
else describe.skip('the log on a disk that loses its power (skipped: needs losetup, mkfs.ext4 and xfs_io)', body);
