import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Ingest, ReceivedBatch } from './ingest.ts';
import { isRefusal } from './ingest-error.ts';
import { gapOver, type Poison, poisonOf } from './salvage.ts';

export interface CommitContext {
  readonly ingest: Ingest;
  readonly gateway: string;
  /** Milliseconds since 1970 UTC when the batches were received. */
  readonly at: number;
  /** Called once the gap record that takes the poison's place is committed. */
  poison(poison: Poison): void;
}

/**
 * Commits all batches in one transaction. Where the database refuses the content, halves are tried until the single
 * record is found; it is put aside, a gap record takes its place, and its neighbours are committed.
 * @throws what `Ingest.commit` throws for any other cause; nothing is lost, the caller tries again.
 */
export async function commitAll(context: CommitContext, batches: readonly ReceivedBatch[]): Promise<Cursor> {
  try {
    return await context.ingest.commit(context.gateway, batches, context.at);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return bisect(context, batches, error);
  }
}

async function bisect(context: CommitContext, batches: readonly ReceivedBatch[], error: unknown): Promise<Cursor> {
  const [only] = batches;
  if (only === undefined) throw error;
  const [left, right] = batches.length > 1 ? halves(batches) : split(only);
  if (right.length === 0) return putAside(context, only, error);
  await commitAll(context, left);
  return commitAll(context, right);
}

function halves<T>(items: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function split(batch: ReceivedBatch): [ReceivedBatch[], ReceivedBatch[]] {
  const [left, right] = halves(batch.entries);
  return [part(batch, left), part(batch, right)];
}

function part(batch: ReceivedBatch, entries: ReceivedBatch['entries']): ReceivedBatch[] {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [{ header: { ...batch.header, first: first.seq, last: last.through }, entries }];
}

async function putAside(context: CommitContext, batch: ReceivedBatch, error: unknown): Promise<Cursor> {
  const { header } = batch;
  const entries = [gapOver(header.first, header.last, context.at)];
  const cursor = await context.ingest.commit(context.gateway, [{ header, entries }], context.at);
  const reason = error instanceof Error ? error.message.slice(0, 500) : String(error);
  context.poison(poisonOf(header, header.first, header.last, reason, batch.entries[0]?.record));
  return cursor;
}
