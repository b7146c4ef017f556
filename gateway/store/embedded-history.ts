import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Clock } from '../clock.ts';
import type { Retention } from './history-engine.ts';
import type { History, HistoryRow, Refused } from './history.ts';
import { WorkerCalls } from './worker-calls.ts';

export interface EmbeddedHistoryOptions {
  /** The history's own folder; made where it is not there. */
  readonly folder: string;
  readonly keepDays: number;
  /** The oldest hours go first beyond this. Default: 4 GiB. */
  readonly maxBytes?: number;
  readonly clock: Pick<Clock, 'now'>;
}

export interface EmbeddedHistory extends History {
  /** Where a damaged history was moved to at opening; a new one began. */
  readonly recovered: string | null;
  /** Bytes of the pages in use, the tail folded in first. */
  usedBytes(): Promise<number>;
}

/** Opens the history that needs nothing installed: SQLite in a worker thread, one compressed chunk per series and hour. */
export async function openEmbeddedHistory(options: EmbeddedHistoryOptions): Promise<EmbeddedHistory> {
  const { folder, keepDays, maxBytes = 4 * 1024 ** 3, clock } = options;
  const retention: Retention = { keepDays, maxBytes };
  const calls = new WorkerCalls(new URL('./history-worker.ts', import.meta.url));
  try {
    const { recovered } = await calls.call<{ recovered: string | null }>('open', { folder, retention });
    return embeddedHistory(calls, recovered, clock);
  } catch (error) {
    await calls.end();
    throw error;
  }
}

function embeddedHistory(calls: WorkerCalls, recovered: string | null, clock: Pick<Clock, 'now'>): EmbeddedHistory {
  return {
    recovered,
    write: (entries: readonly Entry[]) => calls.call<Refused[]>('write', entries, clock.now()),
    read: (device, point, from, to, limit) => calls.call<HistoryRow[]>('read', device, point, from, to, limit),
    latest: (device) => calls.call<Map<string, HistoryRow>>('latest', device),
    usedBytes: () => calls.call<number>('usedBytes'),
    async close() {
      try {
        await calls.call('close');
      } finally {
        await calls.end();
      }
    },
  };
}
