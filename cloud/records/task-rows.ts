import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Photo } from '@yihu/device-profiles/vocabulary/photo.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Known } from '../task/choose.ts';
import type { Position } from '../task/distance.ts';
import type { TaskCore } from '../task/move.ts';
import { ofTask, photosJson } from './photo-rows.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

const columns = sql.raw(`t.id, t.kind, t.state, t.title, t.note, t.area, t.place, t.position, t.source, t.incident,
  t.life_safety as "lifeSafety", t.roles, t.person, t.person_name as "personName", t.leg, t.offered_until as "offeredUntil",
  t.due_at as "dueAt", t.created_at as "createdAt", t.created_by_name as "createdByName", t.updated_at as "updatedAt", t.trouble, t.checked,
  t.checks, t.version`);

export async function selectTasks(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<TaskCore[]> {
  return (await sql<TaskCore>`select ${columns} from task t where ${condition}`.execute(db)).rows;
}

type Row = TaskCore & Pick<TaskSummary, 'areaName' | 'legs'> & { readonly photos: Photo[] | null };

/** Tasks as screens show them: with everybody who was asked. */
export async function selectTaskViews(
  db: Kysely<Tables>,
  condition: RawBuilder<unknown>,
  tail: RawBuilder<unknown> = sql`order by t.created_at desc, t.id`,
): Promise<TaskSummary[]> {
  const { rows } = await sql<Row>`select ${columns},
      coalesce(area.name, t.area) as "areaName", coalesce(sent.legs, '[]') as legs, ${photosJson(ofTask)} as photos
    from task t
    left join area on area.path = t.area
    cross join lateral (
      select jsonb_agg(jsonb_build_object('id', l.id, 'person', l.person, 'personName', l.person_name, 'state', l.state, 'at', l.at)
        order by l.at, l.id) as legs
      from leg l where l.task = t.id
    ) sent
    where ${condition} ${tail}`.execute(db);
  return rows.map(({ lifeSafety: _life, roles: _roles, leg: _leg, photos, ...view }) =>
    photos === null ? view : { ...view, photos },
  );
}

function orNull(value: object | null): RawBuilder<unknown> {
  return value === null ? sql`null` : json(value);
}

/** Returns false where a task of this id was there already: then nothing is changed. */
export async function insertTask(db: Kysely<Tables>, task: TaskCore): Promise<boolean> {
  const { numAffectedRows } =
    await sql`insert into task (id, kind, state, title, note, area, place, position, source, incident, life_safety,
      roles, person, person_name, leg, offered_until, due_at, created_at, created_by_name, updated_at, trouble, checked, checks, version)
    values (${task.id}, ${task.kind}, ${task.state}, ${json(task.title)}, ${task.note}, ${task.area}, ${task.place}, ${orNull(task.position)},
      ${json(task.source)}, ${task.incident}, ${task.lifeSafety}, ${[...task.roles]}, ${task.person}, ${task.personName}, ${task.leg},
      ${task.offeredUntil}, ${task.dueAt}, ${task.createdAt}, ${task.createdByName}, ${task.updatedAt}, ${orNull(task.trouble)},
      ${task.checked}, ${json(task.checks)}, ${task.version})
    on conflict (id) do nothing`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

/** What a move may change. */
export async function updateTask(db: Kysely<Tables>, task: TaskCore): Promise<void> {
  await sql`update task set state = ${task.state}, person = ${task.person}, person_name = ${task.personName}, leg = ${task.leg},
      offered_until = ${task.offeredUntil}, updated_at = ${task.updatedAt}, trouble = ${orNull(task.trouble)}, checks = ${json(task.checks)},
      version = ${task.version} where id = ${task.id}`.execute(db);
}

export type WrittenLeg = Leg & { phoneAt?: number | undefined; reason?: string | undefined };

export async function writeTaskLegs(
  db: Kysely<Tables>,
  task: Pick<TaskCore, 'id' | 'incident'>,
  legs: readonly WrittenLeg[],
): Promise<void> {
  if (legs.length === 0) return;
  await sql`insert into leg (id, task, incident, person, person_name, state, at, phone_at, reason)
    select id, ${task.id}, ${task.incident}, person, "personName", state, at, "phoneAt", reason
    from jsonb_to_recordset(${json(legs)}) as r(id text, person text, "personName" text, state text, at bigint, "phoneAt" bigint, reason text)
    on conflict (id) do update set state = excluded.state, at = excluded.at, phone_at = excluded.phone_at,
      reason = excluded.reason`.execute(db);
}

export async function selectLeg(db: Kysely<Tables>, id: string | null): Promise<Leg | null> {
  if (id === null) return null;
  const { rows } = await sql<Leg>`select id, person, person_name as "personName", state, at from leg where id = ${id}`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** Everybody who could be asked: of these roles, on an area that holds the task's or lies inside it. */
export async function selectKnown(
  db: Kysely<Tables>,
  task: Pick<TaskCore, 'id' | 'area' | 'roles'>,
  at: number,
): Promise<Known[]> {
  const { rows } = await sql<Known>`
    select u.id, u.name, u.on_duty as "onDuty",
      exists (select 1 from leg l where l.person = u.id and l.task <> ${task.id}
        and l.state in ('offered', 'accepted', 'en-route', 'on-scene')) as busy,
      exists (select 1 from shift s where s.person = u.id and s.role = any(${[...task.roles]}) and s.cancelled_at is null
        and s.from_at <= ${at} and s.to_at > ${at}) as rostered,
      case when p.person is null then null else jsonb_build_object('lon', p.lon, 'lat', p.lat) end as position,
      least(p.phone_at, p.received_at) as "locatedAt",
      (select count(*)::int from leg l where l.person = u.id and l.task = ${task.id} and l.state = 'expired') as expired,
      exists (select 1 from leg l where l.person = u.id and l.task = ${task.id} and l.state = 'declined') as declined
    from app_user u left join person_place p on p.person = u.id
    where u.disabled_at is null and exists (
      select 1 from app_grant g where g.user_id = u.id and g.role = any(${[...task.roles]})
        and (g.area = '' or g.area = ${task.area} or starts_with(${task.area}, g.area || '/') or starts_with(g.area, ${task.area} || '/')))
    order by u.id`.execute(db);
  return rows;
}

/** The middle of the smallest area around it that has an outline on the earth; null where none has. */
export async function middleOf(db: Kysely<Tables>, area: string): Promise<Position | null> {
  const { rows } = await sql<{ ring: [number, number][] }>`select shape -> 'ring' as ring from area
    where (path = ${area} or starts_with(${area}, path || '/')) and shape ->> 'kind' = 'lonlat'
    order by length(path) desc limit 1`.execute(db);
  const ring = rows[0]?.ring;
  if (!ring || ring.length === 0) return null;
  const sum = ring.reduce(([x, y], [lon, lat]) => [x + lon, y + lat] as [number, number], [0, 0] as [number, number]);
  return { lon: sum[0] / ring.length, lat: sum[1] / ring.length };
}

/** Where somebody on duty is; the last word counts, and the older of two that come in the wrong order does not. */
export async function putPlace(
  db: Kysely<Tables>,
  person: string,
  place: Position & { accuracyM: number | null; phoneAt: number },
  at: number,
): Promise<boolean> {
  // A phone whose clock is ahead must not keep its later words out.
  const phoneAt = Math.min(place.phoneAt, at);
  const { numAffectedRows } = await sql`insert into person_place (person, lon, lat, accuracy_m, phone_at, received_at)
    select u.id, ${place.lon}, ${place.lat}, ${place.accuracyM}, ${phoneAt}, ${at} from app_user u where u.id = ${person} and u.on_duty
    on conflict (person) do update set lon = excluded.lon, lat = excluded.lat, accuracy_m = excluded.accuracy_m, phone_at = excluded.phone_at,
      received_at = excluded.received_at where person_place.phone_at <= excluded.phone_at`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}
