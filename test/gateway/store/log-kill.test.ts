import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { openLog } from '../../../gateway/store/sqlite-log.ts';
import { Acked, appendUntil, expectNothingLost } from './acked.ts';

const maxBytes = 6 * 1024 * 1024;
const kills = 20;

it(`loses nothing acked in ${kills} kills under load, eviction included`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-kill-'));
  try {
    const acked = new Acked();
    for (let kill = 0; kill < kills; kill++) {
      // The moment moves on from kill to kill, so that it meets appends, evictions and moves of the cursor.
      await appendUntil(folder, maxBytes, acked, 40 + ((kill * 197) % 250), (child) => child.kill('SIGKILL'));
      const log = await openLog({ folder, readers: ['cloud', 'history'], clock: systemClock, maxBytes });
      expect(log.recovered).toBeNull();
      await expectNothingLost(log, acked);
      await log.close();
    }
    expect(acked.telemetry.size).toBeGreaterThan(2000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 180_000);
