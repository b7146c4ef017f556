import type { Cursor, Hello } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Entry, Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { decide } from './decide.ts';
import type { Ingest, ReceivedBatch } from './ingest.ts';

interface Stored {
  cursor: Cursor;
  readonly entries: Record<Lane, Map<number, Entry>>;
}

/** `Ingest` in memory, for the simulation and the tests; it proves itself with the suite the database runs. */
export interface MemoryIngest extends Ingest {
  /** Everything committed of one log's lane, in order. */
  stored(gateway: string, epoch: string, lane: Lane): Entry[];
  /** Sequences that came a second time with other content: two logs that call themselves by one name. */
  conflicts(gateway: string): number;
  lastHello(gateway: string): Hello | undefined;
  lastSeenAt(gateway: string): number | undefined;
  /** Back to an older state, as a database restored from a backup is. */
  restore(gateway: string, cursor: Cursor): void;
}

export function createMemoryIngest(): MemoryIngest {
  const logs = new Map<string, Stored>();
  const hellos = new Map<string, Hello>();
  const seenAt = new Map<string, number>();
  const conflicts = new Map<string, number>();

  const logOf = (gateway: string, epoch: string): Stored => {
    const key = `${gateway} ${epoch}`;
    const found = logs.get(key);
    if (found !== undefined) return found;
    const fresh: Stored = { cursor: { epoch, alarm: 0, telemetry: 0 }, entries: { alarm: new Map(), telemetry: new Map() } };
    logs.set(key, fresh);
    return fresh;
  };

  const countConflicts = (gateway: string, log: Stored, batch: ReceivedBatch): void => {
    const held = log.entries[batch.header.lane];
    const differing = batch.entries.filter((entry) => differs(held.get(entry.seq), entry)).length;
    if (differing > 0) conflicts.set(gateway, (conflicts.get(gateway) ?? 0) + differing);
  };

  const apply = (gateway: string, batch: ReceivedBatch): Cursor => {
    const log = logOf(gateway, batch.header.epoch);
    countConflicts(gateway, log, batch);
    const decision = decide(log.cursor, batch.header, batch.entries);
    if ('apply' in decision) {
      for (const entry of decision.apply) log.entries[batch.header.lane].set(entry.seq, entry);
      log.cursor = decision.next;
    }
    return log.cursor;
  };

  const see = (gateway: string, at: number): void => {
    seenAt.set(gateway, Math.max(at, seenAt.get(gateway) ?? 0));
  };

  return {
    cursor: async (gateway, epoch) => logOf(gateway, epoch).cursor,
    hello: async (gateway, hello, receivedAt) => {
      if (receivedAt >= (seenAt.get(gateway) ?? 0)) hellos.set(gateway, hello);
      see(gateway, receivedAt);
    },
    seen: async (gateway, receivedAt) => see(gateway, receivedAt),
    commit: async (gateway, batches, receivedAt) => {
      see(gateway, receivedAt);
      const cursors = batches.map((batch) => apply(gateway, batch));
      const last = cursors.at(-1);
      if (last === undefined) throw new Error('a commit of no batches has no cursor to return');
      return last;
    },
    stored: (gateway, epoch, lane) => [...logOf(gateway, epoch).entries[lane].values()],
    conflicts: (gateway) => conflicts.get(gateway) ?? 0,
    lastHello: (gateway) => hellos.get(gateway),
    lastSeenAt: (gateway) => seenAt.get(gateway),
    restore: (gateway, cursor) => {
      const log = logOf(gateway, cursor.epoch);
      log.cursor = cursor;
      for (const lane of ['alarm', 'telemetry'] as const) forget(log.entries[lane], cursor[lane]);
    },
  };
}

function differs(held: Entry | undefined, entry: Entry): boolean {
  if (held === undefined || held.record.kind === 'gap' || entry.record.kind === 'gap') return false;
  return JSON.stringify(held.record) !== JSON.stringify(entry.record);
}

function forget(entries: Map<number, Entry>, through: number): void {
  for (const seq of entries.keys()) if (seq > through) entries.delete(seq);
}
