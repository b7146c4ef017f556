import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Flood } from '@yihu/device-profiles/vocabulary/flood.ts';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import type { WebhookKind } from '@yihu/device-profiles/vocabulary/webhook.ts';

/** 发生了什么: one thing that another system may want to hear of, without anything of a person. */
export interface Happened {
  readonly kind: WebhookKind;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the stream's event says of its object now, and what of that is news. */
export interface Seen {
  /** Of the object; the next event of it is compared with `state`. */
  readonly object: string;
  readonly state: string;
  readonly happened: readonly Happened[];
}

/**
 * The stream says how things are; subscribers want what happened. `before` gives the state last seen of an object, undefined
 * where it was never seen. Null for events nobody can subscribe to.
 */
export function seenIn(event: StreamEvent, before: (object: string) => string | undefined): Seen | null {
  switch (event.type) {
    case 'alarm':
      return compare(`alarm ${event.alarm.id}`, alarmState(event.alarm), before, (was) => alarmNews(event.alarm, event.at, was));
    case 'incident':
      return compare(`incident ${event.incident.id}`, event.incident.state, before, (was) => incidentNews(event.incident, was));
    case 'call':
      return compare(`call ${event.call.id}`, event.call.state, before, (was) => callNews(event.call, was));
    case 'flood': {
      const { id, endedAt } = event.flood;
      return compare(`flood ${id}`, endedAt === null ? 'lasts' : 'over', before, (was) => floodNews(event.flood, was));
    }
    case 'device':
    case 'gateway':
    case 'responder':
    case 'call-count':
    case 'task':
    case 'counts':
    case 'resync':
    case 'beat':
      return null;
  }
}

function compare(
  object: string,
  state: string,
  before: (object: string) => string | undefined,
  news: (was: string | undefined) => Happened[],
): Seen {
  return { object, state, happened: news(before(object)) };
}

/** The axes that are news when they change; the first two are a kind of their own. */
function alarmState(alarm: Alarm): string {
  const { active, ack, severity, shelf, suppressedBy, outOfService, disposition } = alarm;
  const flags = [active, ack !== null, shelf !== null, suppressedBy.length > 0, outOfService !== null];
  return [flags.map(Number).join(''), severity, disposition].join(' ');
}

function alarmNews(alarm: Alarm, at: number, was: string | undefined): Happened[] {
  const data = alarmData(alarm);
  const say = (kind: WebhookKind): Happened => ({ kind, data });
  if (was === alarmState(alarm)) return [];
  const [wasActive, wasAcked] = [was?.[0] === '1', was?.[1] === '1'];
  // Never seen and over already: raised and cleared in one commit where it was committed just now, an old one otherwise.
  const isNew = was === undefined && (alarm.active || alarm.receivedAt === at);
  const kinds: WebhookKind[] = [
    ...(isNew || (was !== undefined && !wasActive && alarm.active) ? (['alarm.raised'] as const) : []),
    ...((isNew || wasActive) && !alarm.active ? (['alarm.cleared'] as const) : []),
    ...(alarm.ack !== null && !wasAcked && was !== undefined ? (['alarm.acked'] as const) : []),
  ];
  return kinds.length > 0 ? kinds.map(say) : [say('alarm.changed')];
}

/** By name, so that a field somebody adds to an alarm tomorrow does not leave unasked. Nobody's name, nothing that was typed. */
function alarmData(alarm: Alarm): Record<string, unknown> {
  const { id, gateway, device, deviceName, area, name, hazard, severity, peakSeverity, active, latched, isa, value } = alarm;
  const { raisedAt, lastAt, clearedAt, occurrences, children, incident, disposition } = alarm;
  const axes = { acked: alarm.ack !== null, shelved: alarm.shelf !== null, suppressed: alarm.suppressedBy.length > 0 };
  const times = { raisedAt, lastAt, clearedAt, ackedAt: alarm.ack?.at ?? null };
  const what = { id, gateway, device, deviceName, area, alarm: alarm.alarm, name, hazard, severity, peakSeverity };
  return { ...what, active, ...axes, latched, isa, value, ...times, occurrences, children, incident, disposition };
}

function incidentNews(incident: IncidentSummary, was: string | undefined): Happened[] {
  const { id, number, title, hazard, severity, state, area, areaName, place, openedAt, updatedAt, disposition } = incident;
  const counts = { alarms: incident.alarmCount, active: incident.activeCount, sent: incident.legs.length };
  const data = { id, number, title, hazard, severity, state, area, areaName, place, openedAt, updatedAt, disposition, ...counts };
  if (was === undefined && state === 'open') return [{ kind: 'incident.opened', data: { ...data, from: null } }];
  return was === state ? [] : [{ kind: 'incident.moved', data: { ...data, from: was ?? null } }];
}

const over: readonly string[] = ['stood-down', 'recalled', 'superseded', 'cancelled'];

/** What residents were told is for residents; other systems hear that they were called, and how many answered. */
function callNews(call: CallSummary, was: string | undefined): Happened[] {
  const { id, number, kind, lifeSafety, area, areaName, state, begunAt, sentAt, endedAt, incident, count, delivery } = call;
  const data = { id, number, kind, lifeSafety, area, areaName, state, begunAt, sentAt, endedAt, incident, count, delivery };
  if (was === state) return [];
  if (state === 'sending') return [{ kind: 'call.sent', data }];
  // Sent within one look of ours: it was never seen on its way.
  if (state === 'sent') return was === 'sending' ? [] : [{ kind: 'call.sent', data }];
  return over.includes(state) && was !== undefined ? [{ kind: 'call.closed', data }] : [];
}

/** Alarms that a flood groups come no other way. */
function floodNews(flood: Flood, was: string | undefined): Happened[] {
  const data: Record<string, unknown> = { ...flood };
  if (was === undefined && flood.endedAt === null) return [{ kind: 'flood.began', data }];
  return [{ kind: flood.endedAt === null ? 'flood.changed' : 'flood.ended', data }];
}

const words: Record<WebhookKind, { readonly zh: string; readonly en: string }> = {
  'alarm.raised': { zh: '告警发生', en: 'Alarm raised' },
  'alarm.cleared': { zh: '告警恢复', en: 'Alarm cleared' },
  'alarm.acked': { zh: '告警已确认', en: 'Alarm acknowledged' },
  'alarm.changed': { zh: '告警变化', en: 'Alarm changed' },
  'incident.opened': { zh: '新事件', en: 'Incident opened' },
  'incident.moved': { zh: '事件进展', en: 'Incident moved' },
  'call.sent': { zh: '呼叫已发出', en: 'Call sent' },
  'call.closed': { zh: '呼叫已结束', en: 'Call closed' },
  'flood.began': { zh: '告警洪峰开始', en: 'Alarm flood began' },
  'flood.changed': { zh: '告警洪峰变化', en: 'Alarm flood changed' },
  'flood.ended': { zh: '告警洪峰结束', en: 'Alarm flood ended' },
};

/** The kind in words, for receivers that show a title and nothing else. */
export function titleOf(kind: string): string {
  const known = (words as Record<string, { zh: string } | undefined>)[kind];
  return known?.zh ?? '推送测试';
}
