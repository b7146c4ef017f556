import { type Kysely, sql } from 'kysely';
import { selectCalls, summaryOf } from './call-rows.ts';
import type { StreamDraft } from './stream.ts';
import type { Tables } from './tables.ts';

/** The event that says how a call stands now. */
export async function streamOf(trx: Kysely<Tables>, call: string, at: number): Promise<StreamDraft[]> {
  const found = await selectCalls(trx, sql`c.id = ${call}`);
  return found.map((each) => ({ area: each.area, event: { type: 'call' as const, at, call: summaryOf(each) } }));
}
