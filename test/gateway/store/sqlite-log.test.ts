import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../../gateway/clock.ts';
import { openLog } from '../../../gateway/store/sqlite-log.ts';
import { logSuite, mediumBytes, mediumReserveBytes } from './log.suite.ts';

logSuite('the log on disk', {
  medium() {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-log-'));
    return {
      open: (readers = ['cloud']) =>
        openLog({ folder, readers, clock: systemClock, maxBytes: mediumBytes, alarmReserveBytes: mediumReserveBytes }),
      damage(lane, seq) {
        const db = new DatabaseSync(join(folder, 'log.db'));
        const damaged = `substr(blob, 1, 3) || x'00ff00' || substr(blob, 7)`;
        const { changes } = db
          .prepare(`UPDATE ${lane} SET blob = CAST(${damaged} AS BLOB) WHERE first <= ? AND last >= ?`)
          .run(seq, seq);
        db.close();
        if (changes !== 1) throw new Error(`there is no row with ${seq}`);
      },
      dispose: () => rmSync(folder, { recursive: true }),
    };
  },
});
