import type { IncidentNeed, RunCardLine } from '@yihu/device-profiles/vocabulary/duty.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { compareCard, type Force } from '../task/run-cards.ts';
import { type Desk, notFound } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { selectForce, selectIncidents } from './incident-rows.ts';
import type { Actor, Outcome, Scope } from './records.ts';
import { lockResponse, ResponseWork } from './response-work.ts';
import { inTransaction } from './retry.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';
import { createTask } from './tasks.ts';

/** 力量编成 of an incident: what is asked for, what is on it, and why something is missing; null where it is not seen. */
export async function runCard({ database: { db }, clock, rules }: Desk, scope: Scope, id: string): Promise<RunCardLine[] | null> {
  const [incident] = await selectIncidents(db, sql`i.id = ${id} and ${within('i.area', scope)}`);
  if (!incident) return null;
  const { rows } = await sql<Force>`
    select distinct on (u.id, g.role) u.id as person, g.role, u.on_duty as "onDuty",
      exists (select 1 from leg l where l.person = u.id and l.incident = ${id}
        and l.state in ('offered', 'accepted', 'en-route', 'on-scene')) as sent,
      exists (select 1 from leg l where l.person = u.id and l.incident is distinct from ${id}
        and l.state in ('offered', 'accepted', 'en-route', 'on-scene')) as busy,
      exists (select 1 from leg l where l.person = u.id and l.incident = ${id} and l.state = 'declined') as declined,
      least(p.phone_at, p.received_at) as "locatedAt"
    from app_user u join app_grant g on g.user_id = u.id left join person_place p on p.person = u.id
    where u.disabled_at is null and g.role in ('dispatcher', 'property', 'grid-worker')
      and (g.area = '' or g.area = ${incident.area} or starts_with(${incident.area}, g.area || '/') or starts_with(g.area, ${incident.area} || '/'))
    order by u.id, g.role`.execute(db);
  const force = (await selectForce(db, id)) ?? rules.incident.forceNow(incident.plan);
  return compareCard(rules.incident.forceOf(force, levelOf(incident.severity)), rows, clock.now());
}

async function selectNeeds(db: Kysely<Tables>, where: RawBuilder<unknown>): Promise<IncidentNeed[]> {
  const { rows } = await sql<IncidentNeed>`select n.id, n.incident, n.kind, n.count, n.place, n.task, n.by_name as "byName", n.at,
      case when t.state in ('done', 'verified') then 'met' when t.id is not null and t.state <> 'cancelled' then 'answered' else 'open' end as state
    from incident_need n left join task t on t.id = n.task where ${where} order by n.at, n.id`.execute(db);
  return rows;
}

export interface NewNeed {
  readonly kind: IncidentNeed['kind'];
  readonly count: number;
  readonly place?: string | undefined;
  readonly key: string;
}

const names = { people: '人手', vehicle: '车辆', equipment: '器材', medical: '医护', shelter: '安置', other: '其他' } as const;

/** 需求: written on the incident's chain, and a task at once that goes to whoever can meet it. The same key is one need. */
export function addNeed(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  incident: string,
  asked: NewNeed,
): Promise<Outcome<IncidentNeed>> {
  const id = derivedId('inc-need', incident, actor.id, asked.key);
  return inTransaction(desk.database.db, async (trx): Promise<Outcome<IncidentNeed>> => {
    await lockResponse(trx);
    const [held] = await selectIncidents(trx, sql`i.id = ${incident} and ${within('i.area', scope)}`);
    if (!held) return notFound();
    const [known] = await selectNeeds(trx, sql`n.id = ${id}`);
    if (known) return { ok: true, value: known, repeated: true };
    const [open] = await selectIncidents(trx, sql`i.id = ${incident} and i.open`);
    if (!open) {
      const message = { zh: '事件已结束', en: 'The incident is over' };
      return { ok: false, refusal: { code: 'not-allowed', message }, current: null };
    }
    const at = desk.clock.now();
    const { kind, count, place = held.place } = asked;
    const work = new ResponseWork(trx, desk.rules, at);
    await work.loadIncidentRow(incident);
    const text = {
      zh: `需要${names[kind]} ${count}：${place}`.slice(0, 120),
      en: `Needed: ${count} ${kind}, ${place}`.slice(0, 120),
    };
    work.say(incident, { kind: 'note', text, data: { need: id, kind, count, place }, actor });
    work.putIncident(desk.rules.incident.touched(held, at));
    await work.flush();
    const task = await createTask(
      trx,
      desk.rules,
      {
        kind: 'dispatch',
        title: text,
        area: held.area,
        place,
        source: { kind: 'incident', id: incident },
        incident,
        lifeSafety: true,
        roles: ['grid-worker', 'property'],
        by: actor,
        key: id,
      },
      at,
    );
    await sql`insert into incident_need (id, incident, area, kind, count, place, task, by_name, at)
      values (${id}, ${incident}, ${held.area}, ${kind}, ${count}, ${place}, ${task}, ${actor.name}, ${at})`.execute(trx);
    const [value] = await selectNeeds(trx, sql`n.id = ${id}`);
    if (!value) throw new Error(`need ${id} was written and cannot be read`);
    return { ok: true, value, repeated: false };
  });
}

export async function listNeeds({ database: { db } }: Desk, scope: Scope, incident: string): Promise<IncidentNeed[] | null> {
  const [held] = await selectIncidents(db, sql`i.id = ${incident} and ${within('i.area', scope)}`);
  return held ? selectNeeds(db, sql`n.incident = ${incident}`) : null;
}
