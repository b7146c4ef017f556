import { type Kysely, sql } from 'kysely';
import { readReply } from '../call/answer.ts';
import { takeAnswers } from './call-answers.ts';
import type { CallWays } from './call-waves.ts';
import { keepReply } from './delivery-lists.ts';
import type { Tables } from './tables.ts';

/** A word that came back by a channel. `phone` is the keyed hash by which the registry finds a number; null for one it cannot hold. */
export interface CameBack {
  readonly channel: string;
  readonly via: 'sms' | 'voice';
  readonly phone: Buffer | null;
  readonly providerId: string;
  readonly text: string;
}

/**
 * 短信、按键回复: kept once, and counted as the answer of whoever has this number to the call that was sent there last. Where
 * a family shares a number it is the family's word. What nobody can understand is kept for people to read.
 */
export async function takeReply(
  trx: Kysely<Tables>,
  ways: Pick<CallWays, 'ladders'>,
  reply: CameBack,
  at: number,
): Promise<void> {
  const { channel, providerId, text } = reply;
  const people = await asked(trx, reply, at);
  const [first] = people;
  const who = first === undefined ? null : { kind: 'person', id: first.person };
  const isNew = await keepReply(trx, { channel, providerId, delivery: null, who, text, at });
  const meaning = readReply(text);
  if (!isNew || meaning === null || first === undefined) return;
  const given = people.map(({ nth }) => ({
    ...meaning,
    nth,
    via: reply.via,
    by: people.length > 1 ? ('family' as const) : ('self' as const),
    byId: null,
    byName: null,
    people: null,
    note: null,
    key: `${channel} ${providerId}`,
  }));
  await takeAnswers(trx, ways, given, at);
  await sql`update channel_reply set taken_at = ${at} where channel = ${channel} and provider_id = ${providerId}`.execute(trx);
}

/** Recipients with this number of the one live call that was sent to any of them last. */
async function asked(
  trx: Kysely<Tables>,
  { phone }: CameBack,
  at: number,
): Promise<{ nth: number; person: string; call: string }[]> {
  if (phone === null) return [];
  const { rows } = await sql<{ nth: number; person: string; call: string }>`select r.nth, r.person, r.call
    from person p join call_recipient r on r.person = p.id join call c on c.id = r.call
    where p.phone_index = ${phone} and p.merged_into is null and c.state in ('sending', 'sent') and c.answer_until > ${at}
    order by (select max(d.sent_at) from delivery d where d.source = 'call' and d.subject = r.call and d.who_kind = 'person'
      and d.who = r.person) desc nulls last, r.nth desc`.execute(trx);
  return rows.filter(({ call }) => call === rows[0]?.call);
}
