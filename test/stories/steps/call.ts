import { sql } from 'kysely';
import type { CallAnswer, CallKind, CallPress } from '@yihu/device-profiles/vocabulary/call.ts';
import { CallAudience } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { takeAnswers } from '../../../cloud/records/call-answers.ts';
import { type CallDone, createCall, pressCall } from '../../../cloud/records/call-moves.ts';
import { callNeeds } from '../../../cloud/records/call-people.ts';
import { readCall } from '../../../cloud/records/call-questions.ts';
import { stepSilent } from '../../../cloud/records/call-silent.ts';
import { moveNeed } from '../../../cloud/records/call-staff.ts';
import { tallyCalls } from '../../../cloud/records/call-tally.ts';
import { beginCalls, type CallDesk, sendWaves } from '../../../cloud/records/call-waves.ts';
import { inTransaction } from '../../../cloud/records/retry.ts';
import { same } from '../harness/expect.ts';
import type { Town } from '../harness/town.ts';
import type { Part, Said } from '../harness/words.ts';

const minute = 60_000;
const waits = { againMs: 2 * minute, headMs: 5 * minute, doorMs: 10 * minute };

function deskOf(town: Town): CallDesk {
  return { ...town.desk, ways: { ladders: { lifeSafety: [['sms'], ['voice']], other: [['sms']] }, linkOf: () => undefined } };
}

async function seen(town: Town, done: Promise<CallDone>): Promise<void> {
  const outcome = await done;
  await town.outcome(
    Promise.resolve(
      'refused' in outcome
        ? { ok: false, refusal: outcome.refused, current: null }
        : { ok: true, value: null, repeated: outcome.repeated },
    ),
  );
}

async function newest(town: Town): Promise<string> {
  const { rows } = await sql<{
    id: string;
  }>`select id from call where area = ${town.area} or starts_with(area, ${`${town.area}/`}::text)
    order by created_at desc, number desc limit 1`.execute(town.desk.database.db);
  const [call] = rows;
  if (!call) throw new Error('there is no call');
  return call.id;
}

async function callNow(town: Town) {
  const call = await readCall(town.desk.database.db, town.scope, await newest(town), '');
  if (!call) throw new Error('the call cannot be read');
  return call;
}

async function draft(town: Town, { person = '', grids = '', after }: Said, more: { kind?: CallKind; of?: string } = {}) {
  const areas = grids.split(',').map((grid) => `${town.area}/${grid}`);
  const wanted = {
    kind: more.kind ?? 'actual',
    lifeSafety: true,
    template: null,
    title: '请报平安',
    text: '请回复您家是否平安。',
    audience: CallAudience.parse({ areas }),
    waits,
    startsAt: after === undefined ? null : town.now + Number(after) * minute,
    incident: more.of ?? null,
    supersedes: null,
  };
  const doing = { scope: town.scope, actor: town.person(person), key: town.newKey(), at: town.now };
  await seen(
    town,
    inTransaction(town.desk.database.db, (trx) => createCall(trx, doing, wanted, 'Asia/Shanghai')),
  );
}

async function press(town: Town, { person = '', move = '' }: Said, reason?: string): Promise<void> {
  const { id, version } = await callNow(town);
  const doing = { scope: town.scope, actor: town.person(person), key: town.newKey(), at: town.now };
  const pressed = { id, move: move as CallPress, version, ...(reason === undefined ? {} : { reason }) };
  await seen(
    town,
    inTransaction(town.desk.database.db, (trx) => pressCall(trx, doing, pressed)),
  );
  await round(town);
  await town.providers.deliver(town.deliveries);
}

async function round(town: Town): Promise<void> {
  const desk = deskOf(town);
  await beginCalls(desk, town.now);
  while ((await sendWaves(desk, town.now)) > 0);
  await stepSilent(desk, town.now);
  await tallyCalls(desk);
}

async function area(town: Town, path: string, kind: 'grid' | 'building' | 'room', name: string): Promise<void> {
  const parent = path.slice(0, path.lastIndexOf('/'));
  await town.records.putArea({ path, parent, kind, name });
}

/** `g1-3-502`: a grid, a building, a flat. */
async function moveIn(town: Town, who: string, home: string, phone: boolean): Promise<void> {
  const [grid = '', building = '', room = ''] = home.split('-');
  const at = `${town.area}/${grid}`;
  await area(town, at, 'grid', grid);
  await area(town, `${at}/${building}`, 'building', `${building}栋`);
  await area(town, `${at}/${building}/${room}`, 'room', room);
  await resident(town, `${town.gateway}.${who}`, `${at}/${building}/${room}`, phone);
}

async function resident(town: Town, id: string, home: string, phone: boolean): Promise<void> {
  const { db } = town.desk.database;
  const sealed = Buffer.from('sealed');
  await sql`insert into person (id, name, name_index, name_tokens, phone, created_at, updated_at)
    values (${id}, ${sealed}, ${sealed}, '{}', ${phone ? sealed : null}, 0, 0)`.execute(db);
  await sql`insert into person_seat (person, area, current) values (${id}, ${home}, true)`.execute(db);
  await sql`insert into occupancy (id, person, area, role, from_at) values (${`occ-${id}`}, ${id}, ${home}, 'owner', 0)`.execute(
    db,
  );
}

async function answer(town: Town, { who = '', said, note = null }: Said & { readonly note?: string | null }): Promise<void> {
  const { db } = town.desk.database;
  const call = await newest(town);
  const { rows } = await sql<{ nth: number }>`select nth from call_recipient where call = ${call}
    and person = ${`${town.gateway}.${who}`}`.execute(db);
  const given = {
    nth: rows[0]?.nth ?? 0,
    answer: said as CallAnswer,
    household: false,
    via: 'link' as const,
    by: 'self' as const,
    byId: null,
    byName: null,
    people: null,
    note,
    key: town.newKey(),
  };
  await inTransaction(db, (trx) => takeAnswers(trx, deskOf(town).ways, [given], town.now));
  await town.round();
}

/** 一呼百应: residents, a call, its approval, its answers and its silence. */
export const part: Part = {
  steps: {
    'resident <who> lives in <home>': (town, { who = '', home = '' }) => moveIn(town, who, home, true),
    'resident <who> lives in <home> without a phone': (town, { who = '', home = '' }) => moveIn(town, who, home, false),
    '<person> drafts a call to <grids>': (town, said) => draft(town, said),
    '<person> drafts a drill to <grids>': (town, said) => draft(town, said, { kind: 'drill' }),
    '<person> drafts a call to <grids> in <after> min': (town, said) => draft(town, said),
    '<person> drafts a call to <grids> of <kind> <place>': async (town, said) =>
      draft(town, said, { of: (await town.incident(said['kind'] ?? '', said['place'] ?? '')).id }),
    '<person> presses <move>': (town, said) => press(town, said),
    '<person> presses <move> saying <reason>': (town, said) => press(town, said, said['reason']),
    'resident <who> answers <said>': (town, said) => answer(town, said),
    'resident <who> answers <said> saying <note>': (town, said) => answer(town, said),
    '<person> takes care of the need of <who>': async (town, { person = '', who = '' }) => {
      const { db } = town.desk.database;
      const call = await newest(town);
      const { rows } = await sql<{ id: string }>`select id from call_need where call = ${call}
        and person = ${`${town.gateway}.${who}`}`.execute(db);
      const doing = { scope: town.scope, actor: town.person(person), key: town.newKey(), at: town.now };
      const done = { call, need: rows[0]?.id ?? '', move: 'done' as const, outcome: '已送医' };
      await seen(
        town,
        inTransaction(db, (trx) => moveNeed(trx, doing, done)),
      );
      await town.round();
    },
    'expect the need of <who> <state>': async (town, { who = '', state }) => {
      const { rows } = await sql<{ state: string }>`select state from call_need where call = ${await newest(town)}
        and person = ${`${town.gateway}.${who}`}`.execute(town.desk.database.db);
      same('need', rows[0]?.state, state);
    },
    'expect beside the need of <who> <neighbours> of the same <near>': async (town, { who, neighbours, near }) => {
      const needs = await callNeeds(town.desk.database.db, town.scope, await newest(town));
      const volunteers = needs.find(({ person }) => person === `${town.gateway}.${who}`)?.volunteers ?? [];
      const alike = volunteers.filter((one) => one.near === near);
      same('neighbours', alike.map(({ person }) => person.slice(town.gateway.length + 1)).join(','), neighbours);
    },
    'expect nobody beside the need of <who>': async (town, { who }) => {
      const needs = await callNeeds(town.desk.database.db, town.scope, await newest(town));
      same('neighbours', needs.find(({ person }) => person === `${town.gateway}.${who}`)?.volunteers.length, 0);
    },
    'expect the call says <words...>': async (town, { words = '' }) => {
      const { timeline } = await callNow(town);
      if (!timeline.some(({ text }) => text.zh.includes(words))) throw new Error(`no line of the call says ${words}`);
    },
    'expect the call <state>': async (town, { state }) => same('call', (await callNow(town)).state, state),
    'expect the call with <count> <what>': async (town, { count, what = '' }) => {
      await tallyCalls(deskOf(town));
      same(what, Reflect.get((await callNow(town)).count, what), count);
    },
    'expect resident <who> told by <channel> <count> times': (town, { who, channel, count }) => {
      const to = `${town.gateway}.${who}`;
      same('told', town.providers.heard.filter((one) => one.to === to && one.channel === channel).length, count);
    },
    'expect resident <who> told <words>': (town, { who, words = '' }) => {
      const to = `${town.gateway}.${who}`;
      const last = town.providers.heard.filter((one) => one.to === to).at(-1);
      if (!last?.text.includes(words)) throw new Error(`expected ${words} in ${last?.text ?? 'nothing'}`);
    },
  },
  round: {
    next: async (town) => {
      const { rows } = await sql<{ next: number | null }>`select min(at) as next from (
        select starts_at as at from call where state = 'scheduled' union all
        select r.due_at from call_recipient r join call c on c.id = r.call
          where r.account = 'open' and c.state in ('sending', 'sent')) due where at > ${town.now}`.execute(town.desk.database.db);
      return rows[0]?.next ?? null;
    },
    run: round,
  },
};
