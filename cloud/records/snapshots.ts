import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { SnapshotOf } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import { selectAlarms } from './alarm-rows.ts';
import { derivedId } from './derived-id.ts';
import { selectSummaries } from './incident-rows.ts';
import type { Of } from './ingest-accepted.ts';
import type { Rules } from './rules.ts';
import { json } from './scope.ts';
import { emit, type StreamDraft } from './stream.ts';
import type { Tables } from './tables.ts';

/** Alarms and incidents that are told anew by one commit; past it the screens find the pictures when they next look. */
const mostTold = 300;

/** What gateways say of pictures: which there are and of which alarms, or why there is none. */
export async function keepSnapshots(
  trx: Kysely<Tables>,
  rules: Rules,
  gateway: string,
  accepted: readonly Of<'snapshot'>[],
  receivedAt: number,
): Promise<void> {
  if (accepted.length === 0) return;
  await writeSnapshots(trx, gateway, accepted, receivedAt);
  await linkAlarms(trx, gateway, accepted);
  await tellOf(trx, rules, sql`l.snapshot = any(${accepted.map(({ record }) => idOf(gateway, record.id))})`, receivedAt);
}

/** The records' own name of a gateway's picture. */
export function idOf(gateway: string, blob: string): string {
  return derivedId('snp', gateway, blob);
}

/** Inside a home is what is seen by a camera that hangs in one, wherever the alarm was. */
async function writeSnapshots(
  trx: Kysely<Tables>,
  gateway: string,
  accepted: readonly Of<'snapshot'>[],
  receivedAt: number,
): Promise<void> {
  const rows = accepted.map(({ record: { id: blob, camera, at, picture } }) => {
    const known = 'missing' in picture ? { missing: picture.missing } : picture;
    return { id: idOf(gateway, blob), blob, camera, at, ...known };
  });
  // A picture may be spoken of twice in one commit, and a row can be written once by one statement: the last word counts,
  // and a picture that is here stays.
  const last = [...new Map(rows.map((row) => [row.id, row])).values()];
  await sql`insert into snapshot (id, gateway, blob, camera, camera_name, at_home, at, bytes, sha256, type, missing, received_at)
    select r.id, ${gateway}, r.blob, r.camera, coalesce(d.name, jsonb_build_object('zh', r.camera)), coalesce(d.place ? 'room', false),
      r.at, r.bytes, r.sha256, r.type, r.missing, ${receivedAt}
    from jsonb_to_recordset(${json(last)}) as r(id text, blob text, camera text, at bigint, bytes integer, sha256 text, type text, missing text)
    left join device d on d.gateway = ${gateway} and d.id = r.camera
    on conflict (id) do update set missing = excluded.missing
      where snapshot.here_at is null and excluded.missing is not null`.execute(trx);
}

interface Link extends SnapshotOf {
  readonly snapshot: string;
  readonly epoch: string;
}

/**
 * The row of an alarm may have gone on to a later episode, or been closed and a new one begun, before its picture came:
 * it is the first that has seen the episode. Episodes count per log, so a log that began anew does not mix them up.
 */
async function linkAlarms(trx: Kysely<Tables>, gateway: string, accepted: readonly Of<'snapshot'>[]): Promise<void> {
  const links = accepted.flatMap(({ record, epoch }) =>
    record.of.map((of): Link => ({ ...of, snapshot: idOf(gateway, record.id), epoch })),
  );
  if (links.length === 0) return;
  await sql`insert into snapshot_alarm (snapshot, alarm)
    select distinct r.snapshot, found.id
    from jsonb_to_recordset(${json(links)}) as r(snapshot text, device text, alarm text, episode bigint, epoch text)
    cross join lateral (
      select a.id from alarm a where a.gateway = ${gateway} and a.device = r.device and a.alarm = r.alarm
        and (a.epoch <> r.epoch or a.episode >= r.episode)
      order by (a.epoch = r.epoch) desc, a.episode, a.raised_at desc limit 1
    ) found
    on conflict do nothing`.execute(trx);
}

/** The screens hear of the alarms, and of the incidents they belong to, whose pictures changed. */
export async function tellOf(trx: Kysely<Tables>, rules: Rules, links: RawBuilder<unknown>, at: number): Promise<void> {
  const mine = sql`a.id in (select l.alarm from snapshot_alarm l where ${links})`;
  const rows = await selectAlarms(trx, rules.alarm, mine, sql`order by a.raised_at desc, a.id limit ${mostTold}`);
  const alarms = rows.map(({ alarm }) => alarm);
  const incidents = [...new Set(alarms.flatMap(({ incident }) => incident ?? []))];
  const summaries = incidents.length === 0 ? [] : await selectSummaries(trx, sql`i.id = any(${incidents})`);
  const drafts: StreamDraft[] = [
    ...alarms.map((alarm): StreamDraft => ({ area: alarm.area, event: { type: 'alarm', at, alarm } })),
    ...summaries.map((incident): StreamDraft => ({ area: incident.area, event: { type: 'incident', at, incident } })),
  ];
  await emit(trx, drafts);
}
