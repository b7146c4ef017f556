import { type Kysely, sql } from 'kysely';
import { reportKinds, type ReportKind, reportPlaces, type ReportPlace } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { TaskState } from '@yihu/device-profiles/vocabulary/task.ts';
import { derivedId } from './derived-id.ts';
import type { Household } from './households.ts';
import { nextNumber } from './incident-number.ts';
import { keepPhoto, photoId } from './photo-rows.ts';
import { lockResponse } from './response-work.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';
import { createTask } from './tasks.ts';

export interface ReportDraft {
  readonly kind: ReportKind;
  readonly text: string;
  readonly place: ReportPlace;
  /** A JPEG that may be kept, or null. */
  readonly picture: Buffer | null;
  /** The same key twice is one report. */
  readonly key: string;
}

/** A report as its home sees it: how far it has come, and nothing of who does it. */
export interface HomeReport {
  readonly number: string;
  readonly kind: ReportKind;
  readonly text: string;
  readonly place: string;
  readonly hasPhoto: boolean;
  readonly at: number;
  readonly state: TaskState;
  readonly updatedAt: number;
}

/** Reports of one home in an hour and a day: a link on a door is anybody's who walks by. */
const most = { hour: 5, day: 20 } as const;
const hourMs = 3_600_000;

export async function reportsOf(db: Kysely<Tables>, home: Household, since: number): Promise<HomeReport[]> {
  const { rows } =
    await sql<HomeReport>`select r.number, r.kind, r.text, r.place, r.photo is not null as "hasPhoto", r.at, t.state,
      t.updated_at as "updatedAt"
    from resident_report r join task t on t.id = r.task where r.link = ${home.nth} and r.at >= ${since}
    order by r.at desc, r.number desc limit 30`.execute(db);
  return rows;
}

/** Kept with its photo and given to somebody, in one transaction. Returns the number; null where there were too many. */
export async function addReport(
  trx: Kysely<Tables>,
  rules: Rules,
  home: Household,
  draft: ReportDraft,
  at: number,
): Promise<string | null> {
  const id = derivedId('report', home.nth, draft.key);
  await lockResponse(trx);
  const known = await sql<{ number: string }>`select number from resident_report where id = ${id}`.execute(trx);
  if (known.rows[0]) return known.rows[0].number;
  if (await isTooMany(trx, home, at)) return null;
  const number = await nextNumber(trx, rules.timeZone, at, 'R');
  const { area, place } = await whereIs(trx, home, draft.place);
  const by = { kind: 'home' as const, id: String(home.nth), name: home.label };
  const kind = reportKinds[draft.kind];
  const repair = draft.kind === 'leak' || draft.kind === 'broken';
  const task = await createTask(
    trx,
    rules,
    {
      kind: repair ? 'work-order' : 'visit',
      title: { zh: `随手报 ${number}：${kind.zh}`, en: `Report ${number}: ${kind.en}` },
      note: draft.text,
      area,
      place,
      source: { kind: 'report', id },
      roles: repair ? ['property', 'grid-worker'] : ['grid-worker'],
      checked: false,
      by: null,
      key: draft.key,
    },
    at,
  );
  const { picture, key } = draft;
  if (picture !== null) await keepPhoto(trx, { picture, takenAt: null, key, about: { kind: 'report', id }, area, by }, at);
  await sql`insert into resident_report (id, number, link, kind, text, area, place, photo, task, at)
    values (${id}, ${number}, ${home.nth}, ${draft.kind}, ${draft.text}, ${area}, ${place},
      ${picture === null ? null : photoId(by, key)}, ${task}, ${at})`.execute(trx);
  return number;
}

async function isTooMany(trx: Kysely<Tables>, home: Household, at: number): Promise<boolean> {
  const { rows } = await sql<{ hour: number; day: number }>`select count(*) filter (where at > ${at - hourMs})::int as hour,
    count(*)::int as day from resident_report where link = ${home.nth} and at > ${at - 24 * hourMs}`.execute(trx);
  const [counted = { hour: 0, day: 0 }] = rows;
  return counted.hour >= most.hour || counted.day >= most.day;
}

/** The home itself, its stairwell or building, or its grid; what is not known is the home. */
async function whereIs(trx: Kysely<Tables>, home: Household, where: ReportPlace): Promise<{ area: string; place: string }> {
  const kinds = { home: ['room'], stairs: ['unit', 'building'], yard: ['grid', 'community'] }[where];
  const { rows } = await sql<{ path: string }>`select path from area
    where kind = any(${kinds}) and (path = ${home.area} or starts_with(${home.area}, path || '/'))
    order by array_position(${kinds}::text[], kind) limit 1`.execute(trx);
  const area = rows[0]?.path ?? home.area;
  return { area, place: where === 'home' ? home.label : `${reportPlaces[where].zh}（${home.label} 报）` };
}
