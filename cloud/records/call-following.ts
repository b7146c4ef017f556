import { type Kysely, sql } from 'kysely';
import type { CallMove } from '@yihu/device-profiles/vocabulary/call.ts';
import { callText, correctionText, type Said, standDownText, supersededText } from '../call/words.ts';
import { wantTasks } from './call-want.ts';
import type { StoredCall } from './call-rows.ts';
import type { Tables } from './tables.ts';

/** A wave goes to everybody, to those who may have got the call, or to those of them who are not in another call. */
export type WaveAudience = 'all' | 'told' | `told-not-in:${string}`;

/** What a move of a call means for its messages: what begins, what stops, who is told otherwise. */
export async function followMove(
  trx: Kysely<Tables>,
  call: StoredCall,
  { move, reason }: { move: CallMove; reason?: string | undefined },
  at: number,
): Promise<void> {
  if (move === 'begin') {
    await addWave(trx, call, 'call', callText(call), 'all');
    await sql`update call_recipient set changed = true where call = ${call.id}`.execute(trx);
  }
  if (move !== 'recall' && move !== 'supersede' && move !== 'stand-down') return;
  await stopSending(trx, call.id, at);
  if (move === 'recall') await addWave(trx, call, 'correction', correctionText(call, reason ?? ''), 'told');
  if (move === 'supersede')
    await addWave(trx, call, 'superseded', supersededText(call), `told-not-in:${call.supersededBy ?? ''}`);
  if (move === 'stand-down') {
    await addWave(trx, call, 'stand-down', standDownText(call), 'told');
    await sql`update call_recipient set account = 'unreachable', reason = ${`解除时未落实：${reason ?? ''}`}, changed = true
      where call = ${call.id} and account = 'open'`.execute(trx);
  }
}

async function addWave(trx: Kysely<Tables>, call: StoredCall, occasion: string, { title, text }: Said, audience: WaveAudience) {
  await sql`insert into call_wave (call, occasion, title, text, audience) values (${call.id}, ${occasion}, ${title}, ${text}, ${audience})
    on conflict do nothing`.execute(trx);
}

/**
 * Nothing of the call leaves any more: what waits is cancelled, what is with a provider just now is not tried again and has
 * no next channel, nobody is reminded.
 */
async function stopSending(trx: Kysely<Tables>, call: string, at: number): Promise<void> {
  await sql`update call_wave set done = true where call = ${call} and not done`.execute(trx);
  await sql`update call_recipient set due_at = null where call = ${call} and due_at is not null`.execute(trx);
  await sql`update delivery set rest = '[]', expires_at = least(expires_at, ${at}),
      state = case when state in ('queued', 'held') then 'cancelled' else state end
    where source = 'call' and subject = ${call}`.execute(trx);
  const { rows } = await sql<{ area: string }>`select area from call_door where call = ${call} and state = 'open'`.execute(trx);
  await wantTasks(
    trx,
    rows.map(({ area }) => ({ what: 'door', call, of: area })),
    at,
  );
}
