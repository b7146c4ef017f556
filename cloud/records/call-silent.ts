import { type Kysely, sql } from 'kysely';
import { ladderAgain, nextStep, type NextStep } from '../call/silent.ts';
import { againText, doorText, headText, type Said } from '../call/words.ts';
import { staffOn } from './call-needs.ts';
import { addCallLine, holdCall, type StoredCall } from './call-rows.ts';
import { wantTasks } from './call-want.ts';
import { type CallDesk, type CallRecipient, ordersFor } from './call-waves.ts';
import { order, type Who } from './delivery-rows.ts';
import { inTransaction } from './retry.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

const atOnce = 500;
const livesMs = 30 * 60_000;

interface SilentPerson extends CallRecipient {
  readonly call: string;
  readonly step: number;
  readonly label: string;
}

/**
 * 沉默的人: takes the next step for everybody whose time is up, some hundreds in one transaction: the step, its messages and
 * the next due time are kept together or not at all. Any number of workers may do so at once. Returns how many people.
 */
export async function stepSilent(desk: CallDesk, now: number): Promise<number> {
  let stepped = 0;
  for (;;) {
    const some = await inTransaction(desk.database.db, (trx) => stepSome(trx, desk, now));
    stepped += some;
    if (some < atOnce) return stepped;
  }
}

async function stepSome(trx: Kysely<Tables>, desk: CallDesk, now: number): Promise<number> {
  const people = await takeSilent(trx, now);
  for (const id of new Set(people.map(({ call }) => call))) {
    // Whoever recalls it meanwhile waits for us, and then stops what we have ordered.
    const call = await holdCall(trx, sql`c.id = ${id}`);
    if (call !== null) await stepCall(trx, desk, call, { people: people.filter((one) => one.call === id), now });
  }
  return people.length;
}

/** One call's own people, because a line of its chain is written and a recall must come before or after as a whole. */
async function takeSilent(trx: Kysely<Tables>, now: number): Promise<SilentPerson[]> {
  const { rows: due } = await sql<{ call: string }>`select r.call from call_recipient r join call c on c.id = r.call
    where r.due_at <= ${now} and r.account = 'open' and c.state in ('sending', 'sent') order by r.due_at limit 1`.execute(trx);
  const [first] = due;
  if (first === undefined) return [];
  const { rows: held } =
    await sql`select 1 from call where id = ${first.call} and state in ('sending', 'sent') for update skip locked`.execute(trx);
  if (held.length === 0) return [];
  const { rows } =
    await sql<SilentPerson>`select r.nth, r.call, r.person, r.area, r.vulnerable, r.phone, r.step, area_label(r.area) as label
    from call_recipient r where r.call = ${first.call} and r.due_at <= ${now} and r.account = 'open'
    order by r.area, r.nth limit ${atOnce} for update of r`.execute(trx);
  return rows;
}

interface Stepping {
  readonly people: readonly SilentPerson[];
  readonly now: number;
}

async function stepCall(trx: Kysely<Tables>, desk: CallDesk, call: StoredCall, { people, now }: Stepping): Promise<void> {
  const heads = await headsOf(trx, [...new Set(people.map(({ area }) => area))], now);
  const steps = people.map((person) => ({
    person,
    next: nextStep({ ...person, hasHead: (heads.get(person.area) ?? []).length > 0 }, call.waits, now),
  }));
  const doing = (step: NextStep['do']) => steps.filter(({ next }) => next.do === step).map(({ person }) => person);
  const ladder = call.lifeSafety ? desk.ways.ladders.lifeSafety : desk.ways.ladders.other;
  const again = { occasion: 'again', ...againText(call) };
  await order(trx, ordersFor(desk, call, again, doing('again'), now, ladderAgain(ladder)));
  await askHeads(trx, ladder, call, { people: doing('head'), now, heads });
  await openDoors(trx, ladder, call, { people: doing('door'), now });
  const rows = steps.map(({ person: { nth }, next: { step, dueAt } }) => ({ nth, step, dueAt }));
  await sql`update call_recipient r set step = n.step, due_at = n."dueAt"
    from jsonb_to_recordset(${json(rows)}) as n(nth bigint, step smallint, "dueAt" bigint) where r.nth = n.nth`.execute(trx);
  await noteSteps(trx, call.id, { again: doing('again').length, head: doing('head').length, door: doing('door').length }, now);
}

async function noteSteps(trx: Kysely<Tables>, call: string, counts: Record<NextStep['do'], number>, now: number): Promise<void> {
  const zh = [
    counts.again > 0 ? `${counts.again} 人换渠道再呼` : '',
    counts.head > 0 ? `${counts.head} 人请楼栋长或党员中心户联系` : '',
    counts.door > 0 ? `${counts.door} 人转上门核实` : '',
  ].filter(Boolean);
  const en = `Silent: ${counts.again} called again by the next channel, ${counts.head} by their building head, ${counts.door} at the door`;
  await addCallLine(trx, call, { kind: 'escalation', text: { zh: `未应答：${zh.join('，')}`, en }, data: counts }, now);
}

/** Who lives near and answers for these homes: heads of building and stairwell, party households beside them. */
async function headsOf(trx: Kysely<Tables>, homes: readonly string[], now: number): Promise<Map<string, Who[]>> {
  const found = new Map<string, Who[]>();
  if (homes.length === 0) return found;
  const { rows } = await sql<{
    home: string;
    id: string;
    user_id: string | null;
    name: string;
  }>`select h.home, p.id, p.user_id, p.name
    from unnest(${[...homes]}::text[]) as h(home)
    join area_post p on p.post in ('building-head', 'unit-head', 'party-household')
      and (p.phone is not null or p.user_id is not null) and p.from_at <= ${now} and (p.until_at is null or p.until_at > ${now})
    left join area a on a.path = p.area
    where starts_with(h.home || '/', case when a.kind = 'room' then coalesce(a.parent, p.area) else p.area end || '/')
      and h.home <> p.area
    order by h.home, p.id`.execute(trx);
  for (const { home, id, user_id: user, name } of rows) {
    const who: Who = user === null ? { kind: 'post', id, name } : { kind: 'user', id: user, name };
    found.set(home, [...(found.get(home) ?? []), who]);
  }
  return found;
}

type Ladder = readonly (readonly string[])[];

/** One message for each head, with the flats that are silent and no names. */
async function askHeads(
  trx: Kysely<Tables>,
  ladder: Ladder,
  call: StoredCall,
  { people, now, heads }: Stepping & { heads: ReadonlyMap<string, readonly Who[]> },
): Promise<void> {
  const asked = homesBy(people, (area) => heads.get(area) ?? []);
  for (const { who, homes } of asked) {
    await tell(trx, ladder, call, {
      who,
      said: headText(call, homes),
      area: people[0]?.area ?? call.area,
      now,
      occasion: 'head',
    });
  }
}

/** A door-knock for each home, again where it was answered for and is silent anew, and one message for each grid worker; dispatchers are told where a grid has none. */
async function openDoors(trx: Kysely<Tables>, ladder: Ladder, call: StoredCall, { people, now }: Stepping): Promise<void> {
  if (people.length === 0) return;
  const homes = [...new Set(people.map(({ area }) => area))];
  const [own, dispatchers] = [await staffOn(trx, 'grid-worker', homes), await staffOn(trx, 'dispatcher', homes)];
  const workers = new Map(homes.map((area): [string, readonly Who[]] => [area, own.get(area) ?? dispatchers.get(area) ?? []]));
  const rows = [...workers].map(([area, asked]) => ({ area, asked: asked.map(({ id }) => id) }));
  await sql`insert into call_door (call, area, asked, at) select ${call.id}, area, asked, ${now}
    from jsonb_to_recordset(${json(rows)}) as r(area text, asked text[])
    on conflict (call, area) do update set state = 'open', asked = excluded.asked, at = excluded.at, done_at = null,
      version = call_door.version + 1 where call_door.state = 'done'`.execute(trx);
  await wantTasks(
    trx,
    homes.map((area) => ({ what: 'door', call: call.id, of: area })),
    now,
  );
  for (const { who, homes: doors } of homesBy(people, (area) => workers.get(area) ?? [])) {
    await tell(trx, ladder, call, {
      who,
      said: doorText(call, doors),
      area: people[0]?.area ?? call.area,
      now,
      occasion: 'door',
    });
  }
}

/** The labels of homes for each who is asked about them, those of whoever is vulnerable first. */
function homesBy(
  people: readonly SilentPerson[],
  askedOf: (area: string) => readonly Who[],
): { readonly who: Who; readonly homes: readonly string[] }[] {
  const found = new Map<string, { who: Who; homes: Set<string> }>();
  for (const { area, label } of people.toSorted((a, b) => Number(b.vulnerable) - Number(a.vulnerable))) {
    for (const who of askedOf(area)) {
      const key = `${who.kind} ${who.id}`;
      const asked = found.get(key) ?? { who, homes: new Set<string>() };
      asked.homes.add(label);
      found.set(key, asked);
    }
  }
  return [...found.values()].map(({ who, homes }) => ({ who, homes: [...homes] }));
}

interface Telling {
  readonly who: Who;
  readonly said: Said;
  readonly area: string;
  readonly now: number;
  readonly occasion: 'head' | 'door';
}

async function tell(
  trx: Kysely<Tables>,
  ladder: Ladder,
  call: StoredCall,
  { who, said, area, now, occasion }: Telling,
): Promise<void> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from delivery where source = 'call' and subject = ${call.id}
    and who_kind = ${who.kind} and who = ${who.id} and occasion like ${`${occasion}-%`}`.execute(trx);
  await order(trx, [
    {
      source: 'call',
      subject: call.id,
      who,
      area,
      ladder,
      // The next lot of homes is another message to the same person; the steps it is for are written in this transaction.
      occasion: `${occasion}-${(rows[0]?.n ?? 0) + 1}`,
      lifeSafety: call.lifeSafety,
      priority: 0,
      message: { language: 'zh', ...said },
      at: now,
      expiresAt: now + livesMs,
    },
  ]);
}
