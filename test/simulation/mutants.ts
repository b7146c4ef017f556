import { pack, unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import { decide } from '../../cloud/accept/decide.ts';
import type { Appended, Batch, Commit } from '../../gateway/store/log.ts';
import type { MemoryLog } from '../../gateway/store/memory-log.ts';

type Append = (commit: Commit) => Promise<Appended>;

/** A bug planted on purpose. The simulation that does not find it is blind. */
export interface Mutant {
  readonly append?: (keep: Append, log: MemoryLog) => Append;
  readonly read?: (batches: Batch[]) => Batch[];
  readonly movesOnRead?: boolean;
  /** The bug shows only while the log has to give something up. */
  readonly onSmallLog?: boolean;
  readonly decide?: typeof decide;
  readonly orderByClock?: boolean;
  readonly cursorInMemory?: boolean;
}

const nothing: Appended = { alarm: 0, telemetry: 0 };

export const mutants: Readonly<Record<string, Mutant>> = {
  'the device is acked before the commit': {
    append: (keep) => async (commit) => {
      void keep(commit).catch(() => {});
      return nothing;
    },
  },
  'a failed commit is swallowed': { append: (keep) => (commit) => keep(commit).catch(() => nothing) },
  'rule state is not kept with the records': {
    append: (keep) => (commit) => keep({ ...commit, state: commit.state.filter(([key]) => !key.startsWith('device/')) }),
  },
  'rule state is kept in a commit of its own': {
    append: (keep) => async (commit) => {
      const kept = await keep({ ...commit, state: [] });
      await keep({ alarm: [], telemetry: [], state: commit.state });
      return kept;
    },
  },
  'a gap says less than was dropped': {
    read: (batches) =>
      batches.map((batch) => {
        const entries = unpackTrusted(batch.blob);
        if (entries.every(({ record }) => record.kind !== 'gap')) return batch;
        return {
          ...batch,
          blob: pack(
            entries.map((entry) => (entry.record.kind === 'gap' ? { ...entry, record: { ...entry.record, count: 1 } } : entry)),
          ),
        };
      }),
  },
  'the gateway takes sent for delivered': { movesOnRead: true, onSmallLog: true },
  'the cloud keeps its cursor in memory only': { cursorInMemory: true },
  'the cloud takes a batch with a hole in front': {
    decide: (cursor, header, entries) =>
      decide(
        cursor.epoch === header.epoch && header.first > cursor[header.lane]
          ? { ...cursor, [header.lane]: header.first - 1 }
          : cursor,
        header,
        entries,
      ),
  },
  'the cloud takes every batch as new': {
    decide: (cursor, header, entries) => ({
      apply: [...entries],
      next: { ...cursor, [header.lane]: Math.max(cursor[header.lane], header.last) },
    }),
  },
  'the cloud orders by the wall clock': { orderByClock: true },
};
