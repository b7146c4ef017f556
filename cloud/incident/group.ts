import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import { graver } from '@yihu/device-profiles/vocabulary/severity.ts';
import { clip, type IncidentCore, type LineDraft } from './core.ts';

/** A resolved incident takes the same alarm back for this long; later it is a new story. */
export const reopenWindowMs = 30 * 60_000;

/**
 * What brings alarms together: the same place (household, stairwell or yard) and hazard. Lost communication belongs to the
 * gateway, so that a gateway or a bus that goes is one incident and not one per device (rule 5).
 */
export function groupKey(alarm: Pick<Alarm, 'hazard' | 'area' | 'gateway'>): string {
  return alarm.hazard === 'communication' ? `communication@${alarm.gateway}` : `${alarm.hazard}@${alarm.area}`;
}

/**
 * The open incident this alarm belongs to, or null where a new one must be opened: one of its own group, else one that took
 * its group over by a merge (`tookOver`, by id). Newest first wins.
 */
export function findIncident<I extends IncidentCore>(
  alarm: Alarm,
  candidates: readonly I[],
  at: number,
  tookOver: ReadonlySet<string> = new Set(),
): I | null {
  const key = groupKey(alarm);
  const fits = candidates.filter((incident) => (incident.group === key || tookOver.has(incident.id)) && takesIn(incident, at));
  fits.sort((a, b) => Number(b.group === key) - Number(a.group === key) || b.openedAt - a.openedAt);
  return fits[0] ?? null;
}

function takesIn(incident: IncidentCore, at: number): boolean {
  if (!isOpen(incident.state)) return false;
  return incident.state !== 'resolved' || at - incident.lastAlarmAt <= reopenWindowMs;
}

export interface OpeningContext {
  readonly id: string;
  readonly number: string;
  /** One line for people: "幸福里 3栋2单元502". */
  readonly place: string;
  readonly at: number;
  readonly childCount: number;
  readonly plan: { readonly id: string; readonly version: number } | null;
}

export function openIncident(alarm: Alarm, context: OpeningContext): IncidentCore {
  return {
    id: context.id,
    number: context.number,
    group: groupKey(alarm),
    title: titleOf(alarm, context.place, context.childCount),
    hazard: alarm.hazard,
    severity: alarm.severity,
    state: 'open',
    area: alarm.area,
    place: context.place,
    openedAt: context.at,
    edgeAt: alarm.raisedAt,
    updatedAt: context.at,
    lastAlarmAt: context.at,
    ackedAt: null,
    dispatchedAt: null,
    childCount: context.childCount,
    commander: null,
    disposition: 'unknown',
    plan: context.plan?.id ?? null,
    planVersion: context.plan?.version ?? null,
    version: 1,
  };
}

function titleOf(alarm: Alarm, place: string, childCount: number): IncidentCore['title'] {
  const children =
    childCount > 0 ? { zh: `（${childCount} 台设备状态未知）`, en: ` (${childCount} devices unknown)` } : { zh: '', en: '' };
  return {
    zh: clip(`${place} ${alarm.name.zh}${children.zh}`.trim()),
    en: clip(`${alarm.name.en ?? alarm.name.zh}, ${place}${children.en}`),
  };
}

/**
 * A raise or a rise taken in by an incident that is there. `tell`: people must hear of it again: while nobody has taken
 * it up, or where it became graver than what they know. A resolved one comes back by itself and says so.
 */
export function absorbRaise(
  incident: IncidentCore,
  alarm: Alarm,
  at: number,
): { incident: IncidentCore; lines: readonly LineDraft[]; tell: boolean } {
  const graverNow = graver(alarm.severity, incident.severity);
  const returned = incident.state === 'resolved';
  const tell = returned || graverNow || incident.state === 'open';
  const next: IncidentCore = {
    ...incident,
    severity: graverNow ? alarm.severity : incident.severity,
    state: returned ? 'confirmed' : incident.state,
    ackedAt: tell ? null : incident.ackedAt,
    lastAlarmAt: at,
    updatedAt: at,
    version: returned || graverNow ? incident.version + 1 : incident.version,
  };
  return { incident: next, lines: returned ? [returnedLine] : [], tell };
}

const returnedLine: LineDraft = {
  kind: 'state',
  text: {
    zh: '处置完毕后告警再次出现，事件自动重新打开',
    en: 'The alarm came back after the incident was resolved; it is open again',
  },
  data: { from: 'resolved', to: 'confirmed', cause: 'alarm' },
};

/**
 * Anything else happened to it: an alarm cleared, a note was written. It never closes by itself. The version stays, because
 * it stands for what a person decides upon (state, severity, who is sent): a detector that flaps must not refuse every hand.
 */
export function touched(incident: IncidentCore, at: number): IncidentCore {
  return { ...incident, updatedAt: at };
}
