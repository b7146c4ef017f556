import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { WaveAudience } from './call-following.ts';
import { addCallLine, holdCall, type StoredCall } from './call-rows.ts';
import { moveCall } from './call-moves.ts';
import { type DeliveryOrder, order } from './delivery-rows.ts';
import type { Desk } from './commands.ts';
import { inTransaction } from './retry.ts';
import type { Tables } from './tables.ts';

/** How a call reaches residents on this installation. */
export interface CallWays {
  /** Steps of channels that reach a person by what the registry knows of them. */
  readonly ladders: { readonly lifeSafety: readonly (readonly string[])[]; readonly other: readonly (readonly string[])[] };
  /** The address of somebody's own answer page; undefined where nobody could open it. */
  readonly linkOf: (recipient: number) => string | undefined;
}

export interface CallDesk extends Desk {
  readonly ways: CallWays;
}

const atOnce = 500;
const livesMs = { lifeSafety: 30 * 60_000, other: 12 * 3_600_000 } as const;

/** Puts some hundreds of messages of every call that is on its way into the queue. Returns how many people; 0: nothing to do. */
export async function sendWaves(desk: CallDesk, now: number): Promise<number> {
  const { db } = desk.database;
  let ordered = 0;
  for (const id of await openWaves(db)) ordered += await inTransaction(db, (trx) => sendPart(trx, desk, id, now));
  return ordered;
}

async function openWaves(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ call: string }>`select distinct call from call_wave where not done order by call`.execute(db);
  return rows.map(({ call }) => call);
}

interface Wave {
  readonly occasion: string;
  readonly title: string;
  readonly text: string;
  readonly audience: WaveAudience;
  readonly after: number;
}

/** One part of one wave. Whoever presses a button on this call waits for it, and then nothing more is sent. */
async function sendPart(trx: Kysely<Tables>, desk: CallDesk, id: string, now: number): Promise<number> {
  const call = await holdCall(trx, sql`c.id = ${id}`);
  const { rows } = await sql<Wave>`select occasion, title, text, audience, after from call_wave where call = ${id} and not done
    order by occasion limit 1`.execute(trx);
  const [wave] = rows;
  if (call === null || wave === undefined) return 0;
  const people = await nextOf(trx, call, wave);
  await order(trx, ordersFor(desk, call, wave, people, now));
  if (wave.occasion === 'call') await waitForAnswers(trx, call, people, now);
  const done = people.length < atOnce;
  await sql`update call_wave set after = ${people.at(-1)?.nth ?? wave.after}, done = ${done}
    where call = ${id} and occasion = ${wave.occasion}`.execute(trx);
  if (done) await finish(trx, call, wave, now);
  return people.length;
}

async function finish(trx: Kysely<Tables>, call: StoredCall, wave: Wave, now: number): Promise<void> {
  if (wave.occasion === 'call') return void (await moveCall(trx, call, { move: 'finish', by: null, version: null }, now));
  const { rows } = await sql<{ n: number }>`select count(distinct who)::int as n from delivery
    where source = 'call' and subject = ${call.id} and occasion = ${wave.occasion}`.execute(trx);
  const text = {
    zh: `已向 ${rows[0]?.n ?? 0} 人发送：${wave.title}`.slice(0, 120),
    en: `Told ${rows[0]?.n ?? 0} people: ${wave.occasion}`,
  };
  await addCallLine(trx, call.id, { kind: 'note', text, data: { occasion: wave.occasion, people: rows[0]?.n ?? 0 } }, now);
}

export interface CallRecipient {
  readonly nth: number;
  readonly person: string;
  readonly area: string;
  readonly vulnerable: boolean;
  readonly phone: boolean;
}

async function nextOf(trx: Kysely<Tables>, call: StoredCall, wave: Wave): Promise<CallRecipient[]> {
  const { rows } = await sql<CallRecipient>`select r.nth, r.person, r.area, r.vulnerable, r.phone from call_recipient r
    where r.call = ${call.id} and r.nth > ${wave.after} and ${meant(wave.audience)} order by r.nth limit ${atOnce}`.execute(trx);
  return rows;
}

/** SQL: whether a recipient `r` is meant. Whoever was tried may have got it, whatever the provider said of it. */
function meant(audience: WaveAudience): RawBuilder<boolean> {
  if (audience === 'all') return sql<boolean>`true`;
  const told = sql<boolean>`exists (select 1 from delivery d where d.source = 'call' and d.subject = r.call and d.who_kind = 'person'
    and d.who = r.person and d.occasion in ('call', 'again') and d.attempts > 0)`;
  if (audience === 'told') return told;
  const other = audience.slice('told-not-in:'.length);
  return sql<boolean>`${told} and not exists (select 1 from call_recipient o where o.call = ${other} and o.person = r.person)`;
}

export function ordersFor(
  { ways }: CallDesk,
  call: StoredCall,
  { occasion, title, text }: Pick<Wave, 'occasion' | 'title' | 'text'>,
  people: readonly CallRecipient[],
  now: number,
  ladder = call.lifeSafety ? ways.ladders.lifeSafety : ways.ladders.other,
): DeliveryOrder[] {
  const asks = occasion === 'call' || occasion === 'again';
  return people
    .filter(({ phone }) => phone)
    .map(({ nth, person, area, vulnerable }) => ({
      source: 'call',
      subject: call.id,
      who: { kind: 'person', id: person, name: '' },
      area,
      ladder,
      occasion,
      lifeSafety: call.lifeSafety,
      priority: vulnerable ? 0 : 1,
      message: { language: 'zh', title, text, link: asks ? ways.linkOf(nth) : undefined },
      at: now,
      expiresAt: now + (call.lifeSafety ? livesMs.lifeSafety : livesMs.other),
    }));
}

/** From now on silence counts. Nobody waits for the answer of somebody who cannot be reached: they are looked for at once. */
async function waitForAnswers(
  trx: Kysely<Tables>,
  { waits }: StoredCall,
  people: readonly CallRecipient[],
  now: number,
): Promise<void> {
  await sql`update call_recipient set due_at = case when phone then ${now + waits.againMs}::bigint else ${now}::bigint end
    where nth = any(${people.map(({ nth }) => nth)}) and account = 'open'`.execute(trx);
}

/** Begins the calls whose time has come. Returns how many. */
export async function beginCalls(desk: CallDesk, now: number): Promise<number> {
  const { db } = desk.database;
  const { rows } = await sql<{ id: string }>`select id from call where state = 'scheduled' and coalesce(starts_at, 0) <= ${now}
    order by life_safety desc, id`.execute(db);
  for (const { id } of rows) {
    await inTransaction(db, async (trx) => {
      const call = await holdCall(trx, sql`c.id = ${id} and c.state = 'scheduled'`);
      if (call) await moveCall(trx, call, { move: 'begin', by: null, version: null }, now);
    });
  }
  return rows.length;
}
