import { createHash } from 'node:crypto';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Kysely } from 'kysely';
import type { Warning } from '../cap/meaning.ts';
import type { CapMessage } from '../cap/message.ts';
import type { AlarmRow } from './alarm-rows.ts';
import { derivedId } from './derived-id.ts';
import type { Due } from './due.ts';
import type { Actor } from './records.ts';
import { ResponseWork } from './response-work.ts';
import type { Rules } from './rules.ts';
import { sceneOf } from './scene.ts';
import type { Tables } from './tables.ts';

/** Warnings from outside stand where a gateway's would; each story is a device of it. */
const gateway = 'cap';
const epoch = 'cap';

export interface Spreading {
  readonly trx: Kysely<Tables>;
  readonly rules: Rules;
  readonly thread: string;
  readonly actor: Actor | null;
  readonly message: CapMessage | null;
  /** When it was said, and when it came, ms since 1970 UTC. */
  readonly sentAt: number;
  readonly at: number;
}

/**
 * The alarms of a story become what its newest message says: one in each area it means, changed where there is one already,
 * cleared where it means the area no longer. Without a warning all of them clear. Their incidents close by nobody's hand but
 * the dispatcher's.
 */
export async function spreadWarning(spreading: Spreading, areas: readonly string[], warning: Warning | null): Promise<void> {
  const { trx, rules, thread, at } = spreading;
  const work = new ResponseWork(trx, rules, at);
  await work.loadOpen(gateway, [thread]);
  const active = work.openOf(gateway, [thread]).filter(({ alarm }) => alarm.active);
  const ids: string[] = [];
  for (const row of active) {
    const stays = warning !== null && areas.includes(row.alarm.area);
    ids.push(...(await move(work, spreading, row.alarm.area, row, stays ? 'changed' : 'cleared', warning)));
  }
  const fresh = warning === null ? [] : areas.filter((area) => !active.some(({ alarm }) => alarm.area === area));
  for (const area of fresh) ids.push(...(await move(work, spreading, area, lastOf(work, thread, area), 'raised', warning)));
  const incidents = new Set(ids.map((id) => work.alarm(id)?.incident).filter((id) => typeof id === 'string'));
  for (const incident of incidents) say(work, incident, spreading, warning);
  await work.flush();
}

function lastOf(work: ResponseWork, thread: string, area: string): AlarmRow | null {
  return work.openAlarm(gateway, thread, alarmOf(area)) ?? work.lastAlarm(gateway, thread, alarmOf(area));
}

/** One story has one open alarm in each area; an area that was moved since keeps the one it has. */
function alarmOf(area: string): string {
  return `area-${createHash('sha256').update(area).digest('hex').slice(0, 12)}`;
}

async function move(
  work: ResponseWork,
  { trx, rules, thread, message, sentAt, at }: Spreading,
  area: string,
  row: AlarmRow | null,
  kind: Transition['kind'],
  warning: Warning | null,
): Promise<string[]> {
  const before = row?.alarm ?? null;
  const name = warning?.event ?? before?.name ?? { zh: '预警', en: 'warning' };
  const transition: Transition = {
    alarm: before?.alarm ?? alarmOf(area),
    kind,
    episode: (before?.episode ?? 0) + (kind === 'raised' ? 1 : 0),
    severity: warning?.severity ?? before?.severity ?? 'warning',
    hazard: before?.hazard ?? warning?.hazard ?? 'environment',
    latch: 'none',
    name,
    reason: { code: kind === 'cleared' ? 'clear-event' : kind === 'changed' ? 'severity-changed' : 'event' },
    at: Math.min(sentAt, at),
  };
  const result = rules.alarm.applyTransition(before, transition, {
    id: derivedId('alm', gateway, thread, area, message?.identifier ?? at),
    gateway,
    device: thread,
    deviceName: warning?.sender ?? before?.deviceName ?? { zh: '外部预警', en: 'Warning from outside' },
    area,
    receivedAt: at,
    newEpoch: false,
  });
  if (!result.alarm || result.effects.length === 0) return [];
  const scene = await sceneOf(trx, { gateway, device: thread, area }, null);
  await work.follow({ ...result.alarm, name }, epoch, result.effects, { edgeAt: transition.at, scene });
  return [result.alarm.id];
}

/** What the message says, in the words of its sender. */
function say(work: ResponseWork, incident: string, { message, actor }: Spreading, warning: Warning | null): void {
  const from = message && { sender: message.sender, identifier: message.identifier, msgType: message.msgType };
  if (!warning) {
    const text = message
      ? { zh: '外部预警已取消', en: 'The warning from outside was cancelled' }
      : { zh: '外部预警已过有效期', en: 'The warning from outside is over' };
    return work.say(incident, {
      kind: 'note',
      text,
      data: { cap: { ...from, note: message?.note ?? '' } },
      ...(actor ? { actor } : {}),
    });
  }
  const { headline, description, instruction } = warning;
  work.say(incident, {
    kind: 'note',
    text: headline,
    data: { cap: { ...from, description, instruction } },
    ...(actor ? { actor } : {}),
  });
}

/** A warning nobody took back ends at its time. */
export async function capIsOver(trx: Kysely<Tables>, rules: Rules, { subject }: Due, now: number): Promise<string> {
  const spreading = { trx, rules, thread: subject, actor: null, message: null, sentAt: now, at: now };
  await spreadWarning(spreading, [], null);
  return 'over';
}
