import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { openLog } from '../../../gateway/store/sqlite-log.ts';
import { describeWith } from '../../needs.ts';
import { Acked, appendUntil, expectNothingLost } from './acked.ts';
import { loopDisk, loopDisksWork } from './mounts.ts';

const maxBytes = 8 * 1024 * 1024;
const cuts = 3;

function body(): void {
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
