import { type Kysely, sql } from 'kysely';
import type { ActState } from '@yihu/device-profiles/vocabulary/act.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Of } from './ingest-accepted.ts';
import type { KnownDevices } from './ingest-devices.ts';
import type { ResponseWork } from './response-work.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

/** What became of orders to devices, each change once. */
export async function keepActs(
  trx: Kysely<Tables>,
  devices: KnownDevices,
  accepted: readonly Of<'act'>[],
  receivedAt: number,
): Promise<void> {
  if (accepted.length === 0) return;
  const rows = accepted.map(({ log, entry, record }) => {
    const device = devices.get(record.device);
    if (!device) throw new Error(`device ${record.device} was not registered before its orders`);
    return { ...record, device: device.key, log, seq: entry.seq };
  });
  await sql`insert into device_act (log, seq, device, id, command, name, args, state, actors, cause, reason, shown, at, received_at)
    select log, seq, device, id, command, name, args, state, "by", cause, reason, shown, at, ${receivedAt}
    from jsonb_to_recordset(${json(rows)}) as r(log integer, seq bigint, device integer, id text, command text, name jsonb, args jsonb,
      state text, "by" text[], cause jsonb, reason jsonb, shown jsonb, at bigint)`.execute(trx);
}

/** What linkage did stands in the timeline of the incident that its alarm is in. */
export async function sayActs(
  trx: Kysely<Tables>,
  work: ResponseWork,
  gateway: string,
  acts: readonly Of<'act'>[],
  devices: KnownDevices,
): Promise<void> {
  for (const { record } of acts) {
    const { cause } = record;
    const alarm = cause && (work.openAlarm(gateway, cause.device, cause.alarm)?.alarm ?? null);
    const incident = alarm?.incident ?? (cause ? await lastIncident(trx, gateway, cause.device, cause.alarm) : null);
    if (incident === null || incident === undefined) continue;
    const device = devices.get(record.device)?.name ?? { zh: record.device };
    const { id, state, by, reason } = record;
    work.say(incident, {
      kind: 'act',
      text: lineOf(device, record.name, state),
      data: { id, device: record.device, state, by, ...(reason ? { reason } : {}) },
      edgeAt: record.at,
    });
  }
}

/** The alarm may be over and done with by now. */
async function lastIncident(trx: Kysely<Tables>, gateway: string, device: string, alarm: string): Promise<string | null> {
  const { rows } = await sql<{ incident: string }>`select incident from alarm where gateway = ${gateway} and device = ${device}
    and alarm = ${alarm} and incident is not null order by raised_at desc limit 1`.execute(trx);
  return rows[0]?.incident ?? null;
}

const states: Readonly<Record<ActState, { readonly zh: string; readonly en: string }>> = {
  awaiting: { zh: '等待两人在网关上确认', en: 'waits for two people at the gateway' },
  accepted: { zh: '已受理', en: 'accepted' },
  sent: { zh: '已下发', en: 'sent' },
  confirmed: { zh: '已执行', en: 'done' },
  refused: { zh: '被拒绝，没有执行', en: 'refused, not done' },
  unknown: { zh: '结果未知，请到现场确认', en: 'outcome unknown, look at it' },
  expired: { zh: '已过期，没有下发', en: 'expired, never sent' },
  blocked: { zh: '被闭锁，没有下发', en: 'blocked, never sent' },
};

function lineOf(device: Text, command: Text, state: ActState): Text {
  const clip = (text: string) => (text.length <= 120 ? text : `${text.slice(0, 119)}…`);
  const [zh, en] = [states[state].zh, states[state].en];
  return {
    zh: clip(`联动：${device.zh} ${command.zh}，${zh}`),
    en: clip(`linkage: ${device.en ?? device.zh}, ${command.en ?? command.zh}: ${en}`),
  };
}
