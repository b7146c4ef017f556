import { MemoryLog } from '../../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../../gateway/store/memory-rows.ts';
import { logSuite, mediumBytes, mediumReserveBytes } from './log.suite.ts';

logSuite('the log in memory', {
  medium() {
    const rows = new MemoryRows();
    return {
      async open(readers = ['cloud']) {
        return new MemoryLog({
          rows,
          readers,
          clock: { now: () => 1 },
          maxBytes: mediumBytes,
          alarmReserveBytes: mediumReserveBytes,
        });
      },
      damage: (lane, seq) => rows.damage(lane, seq),
      dispose() {
        // Memory is left to the collector.
      },
    };
  },
});
