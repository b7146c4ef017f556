import { type Kysely, sql } from 'kysely';
import type { SosState } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { cancel, type Due, plan } from './due.ts';
import { derivedId } from './derived-id.ts';
import type { Household } from './households.ts';
import { lockResponse, ResponseWork } from './response-work.ts';
import type { LineDraft, Rules } from './rules.ts';
import type { Tables } from './tables.ts';

/** So long may a resident take it back; then it is an alarm, whether the page is still open or not. */
const undoMs = 10_000;
/** A button lets go by itself: the alarm stays latched until somebody has looked. */
const letGoMs = 3 * 60_000;
/** Stands where a gateway would. */
const residentsGateway = 'residents';
const alarmId = 'sos';

export interface Sos {
  readonly id: string;
  readonly area: string;
  readonly state: SosState;
  readonly at: number;
  readonly dueAt: number;
  readonly located: boolean;
}

interface Row extends Sos {
  readonly link: number;
  readonly alarm: string | null;
  readonly place: string;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly accuracyM: number | null;
}

const columns =
  sql.raw(`s.id, s.link, s.area, s.state, s.at, s.due_at as "dueAt", s.alarm, area_label(s.area) as place, s.lon, s.lat,
  s.accuracy_m as "accuracyM", s.lon is not null as located`);

async function read(db: Kysely<Tables>, id: string): Promise<Row | null> {
  const { rows } = await sql<Row>`select ${columns} from resident_sos s where s.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Null where it is not of this home. */
export async function readSos(db: Kysely<Tables>, home: Household, id: string): Promise<Sos | null> {
  const sos = await read(db, id);
  return sos?.link === home.nth ? sos : null;
}

/** The newest that is not over for long; null where there is none. */
export async function lastSos(db: Kysely<Tables>, home: Household, since: number): Promise<Sos | null> {
  const { rows } = await sql<Row>`select ${columns} from resident_sos s where s.link = ${home.nth} and s.at >= ${since}
    order by s.at desc limit 1`.execute(db);
  return rows[0] ?? null;
}

/** 求助: pressed again while one waits, or with the same key, it is the same. Never refused for being too often. */
export async function pressSos(trx: Kysely<Tables>, home: Household, key: string, at: number): Promise<string> {
  const id = derivedId('sos', home.nth, key);
  const { rows } = await sql<{ id: string }>`select id from resident_sos
    where link = ${home.nth} and (id = ${id} or state = 'pending') order by id = ${id} desc limit 1`.execute(trx);
  if (rows[0]) return rows[0].id;
  const dueAt = at + undoMs;
  await sql`insert into resident_sos (id, link, area, state, at, due_at) values (${id}, ${home.nth}, ${home.area}, 'pending', ${at},
    ${dueAt})`.execute(trx);
  await plan(trx, [{ kind: 'sos', subject: id, step: 0, dueAt }]);
  return id;
}

/** In time it never was; later it is said on the incident, where a person decides. */
export async function takeBackSos(
  trx: Kysely<Tables>,
  rules: Rules,
  home: Household,
  id: string,
  at: number,
): Promise<Sos | null> {
  await lockResponse(trx);
  const sos = await read(trx, id);
  if (sos === null || sos.link !== home.nth) return null;
  if (sos.state === 'pending') {
    await sql`update resident_sos set state = 'undone', ended_at = ${at} where id = ${id}`.execute(trx);
    await cancel(trx, 'sos', [id]);
  } else if (sos.state === 'sent') {
    await sql`update resident_sos set state = 'safe', ended_at = ${at} where id = ${id}`.execute(trx);
    await move(trx, rules, sos, 'cleared', at, {
      kind: 'note',
      text: { zh: '住户说没事了（可能是误按），请回电核实', en: 'The resident says nothing is wrong; call back to make sure' },
      data: { sos: id, said: 'safe' },
    });
  }
  return readSos(trx, home, id);
}

/** Where the telephone says it is, once; on the incident too where it is an alarm already. */
export async function placeSos(
  trx: Kysely<Tables>,
  rules: Rules,
  home: Household,
  { id, lon, lat, accuracyM }: { readonly id: string; readonly lon: number; readonly lat: number; readonly accuracyM: number },
  at: number,
): Promise<boolean> {
  await lockResponse(trx);
  const { numAffectedRows } = await sql`update resident_sos set lon = ${lon}, lat = ${lat}, accuracy_m = ${accuracyM}
    where id = ${id} and link = ${home.nth} and lon is null`.execute(trx);
  const sos = await read(trx, id);
  if (sos === null || sos.link !== home.nth) return false;
  if (Number(numAffectedRows ?? 0) === 0 || sos.state === 'pending' || sos.alarm === null) return true;
  const work = new ResponseWork(trx, rules, at);
  await work.loadAlarms([sos.alarm]);
  await sayOn(work, rules, sos.alarm, [placeLine(sos)], at);
  await work.flush();
  return true;
}

/** Step 0: nobody took it back. Step 1: the button lets go. */
export async function sosIsDue(trx: Kysely<Tables>, rules: Rules, { subject, step }: Due, now: number): Promise<string> {
  const sos = await read(trx, subject);
  if (sos === null) return 'gone';
  if (step === 1) {
    if (sos.state !== 'sent') return 'over';
    await move(trx, rules, sos, 'cleared', now, null);
    return 'let go';
  }
  if (sos.state !== 'pending') return 'taken back';
  const alarm = await move(trx, rules, sos, 'raised', now, sos.located ? placeLine(sos) : null);
  await sql`update resident_sos set state = 'sent', alarm = ${alarm} where id = ${sos.id}`.execute(trx);
  await plan(trx, [{ kind: 'sos', subject: sos.id, step: 1, dueAt: now + letGoMs }]);
  return 'alarm';
}

function placeLine({ id, lon, lat, accuracyM }: Row): LineDraft {
  const at = `${lat?.toFixed(5)}, ${lon?.toFixed(5)}`;
  const within = Math.round(accuracyM ?? 0);
  return {
    kind: 'note',
    text: { zh: `求助手机的位置：${at}（误差 ${within} 米）`, en: `The telephone is at ${at} (within ${within} m)` },
    data: { sos: id, lon, lat, accuracyM },
  };
}

async function move(
  trx: Kysely<Tables>,
  rules: Rules,
  sos: Row,
  kind: 'raised' | 'cleared',
  now: number,
  line: LineDraft | null,
): Promise<string | null> {
  const device = `home-${sos.link}`;
  const work = new ResponseWork(trx, rules, now);
  await work.loadOpen(residentsGateway, [device]);
  const before = work.openAlarm(residentsGateway, device, alarmId) ?? work.lastAlarm(residentsGateway, device, alarmId);
  const result = rules.alarm.applyTransition(before?.alarm ?? null, transition(kind, before?.alarm.episode ?? 0, now), {
    id: derivedId('alm', residentsGateway, sos.id),
    gateway: residentsGateway,
    device,
    deviceName: { zh: '住户手机求助', en: 'A resident’s telephone' },
    area: sos.area,
    receivedAt: now,
    newEpoch: false,
  });
  const { alarm } = result;
  if (alarm === null) return null;
  if (result.effects.length > 0)
    await work.follow(alarm, residentsGateway, result.effects, { scene: { place: sos.place, childCount: 0 } });
  if (line !== null) await sayOn(work, rules, alarm.id, [line], now);
  await work.flush();
  return alarm.id;
}

async function sayOn(work: ResponseWork, rules: Rules, id: string, lines: readonly LineDraft[], at: number): Promise<void> {
  const incident = work.alarm(id)?.incident ?? null;
  if (incident === null) return;
  await work.loadIncidentRow(incident);
  for (const line of lines) work.say(incident, line);
  const kept = work.incident(incident);
  if (kept) work.putIncident(rules.incident.touched(kept, at));
}

function transition(kind: 'raised' | 'cleared', episode: number, at: number): Transition {
  return {
    alarm: alarmId,
    kind,
    episode: Math.max(1, kind === 'raised' ? episode + 1 : episode),
    severity: 'critical',
    hazard: 'person',
    latch: 'until-reset',
    name: { zh: '住户紧急求助', en: 'SOS of a resident' },
    reason: { code: kind === 'raised' ? 'event' : 'auto-clear' },
    at,
  };
}
