import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { type IncidentState, isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import { graver, type Hazard, isLifeSafety, levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { clip, type IncidentCore, type LineDraft } from './core.ts';

interface Said {
  readonly by: { readonly id: string; readonly name: string };
  readonly at: number;
  readonly reason: string;
}

export interface MergeRefusal {
  readonly code: 'not-allowed' | 'version-conflict';
  readonly message: Text;
}

function refusal(zh: string, en: string): { refused: MergeRefusal } {
  return { refused: { code: 'not-allowed', message: { zh, en } } };
}

export interface Merged {
  readonly from: IncidentCore;
  readonly into: IncidentCore;
  readonly line: LineDraft;
  /** Whose chain goes on while nobody has answered: that of the one whose danger it is now. */
  readonly chainOf: 'from' | 'into';
}

/**
 * 并入: two open incidents that are one. The other takes over alarms and errands, is as grave as the graver of both and a danger
 * to life where either was, and is the one people know from now on; the line in each names the other. Until somebody takes it
 * up it is answered only where both were: who has seen the leak has not seen the fire.
 */
export function mergeIncidents(
  from: IncidentCore,
  into: IncidentCore,
  { by, at, reason }: Said,
): Merged | { refused: MergeRefusal } {
  if (from.id === into.id) return refusal('不能并入自己', 'An incident cannot become part of itself');
  if (!isOpen(from.state) || !isOpen(into.state)) {
    return refusal('只有未结束的事件才能合并', 'Only incidents that are not over can become one');
  }
  const merged: IncidentCore = { ...from, state: 'merged', updatedAt: at, version: from.version + 1 };
  const state = furtherState(from, into);
  const next: IncidentCore = {
    ...into,
    hazard: graverHazard(from.hazard, into.hazard),
    severity: graver(from.severity, into.severity) ? from.severity : into.severity,
    state,
    commander: into.commander ?? from.commander,
    ackedAt: state === 'open' ? bothAt(from.ackedAt, into.ackedAt) : (into.ackedAt ?? from.ackedAt),
    dispatchedAt: into.dispatchedAt ?? from.dispatchedAt,
    childCount: into.childCount + from.childCount,
    lastAlarmAt: Math.max(into.lastAlarmAt, from.lastAlarmAt),
    updatedAt: at,
    version: into.version + 1,
  };
  const line: LineDraft = {
    kind: 'state',
    text: { zh: clip(`并入 ${into.number}：${reason}`), en: clip(`Became part of ${into.number}: ${reason}`) },
    data: { move: 'merge', from: from.state, to: 'merged', into: into.id, reason },
    actor: by,
  };
  const chainOf = isAnswered(into) || (isLifeSafety(from.hazard) && !isLifeSafety(into.hazard)) ? 'from' : 'into';
  return { from: merged, into: next, line, chainOf };
}

function isAnswered({ ackedAt }: IncidentCore): boolean {
  return ackedAt !== null;
}

function bothAt(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}

const underWay: readonly IncidentState[] = ['open', 'confirmed', 'dispatched', 'on-scene'];

/** Who is on the way or there for one of them is so for both; under control, or over, is only what both of them are. */
function furtherState(from: IncidentCore, into: IncidentCore): IncidentState {
  if (from.state === 'controlled' && into.state === 'controlled') return 'controlled';
  const rank = ({ state, dispatchedAt }: IncidentCore) =>
    underWay.includes(state) ? underWay.indexOf(state) : state === 'controlled' && dispatchedAt !== null ? 3 : 1;
  return underWay[Math.max(rank(from), rank(into))] ?? 'confirmed';
}

/** Chains, limits and who may be told onward follow the hazard: what threatens a life keeps that, and a fire stays one. */
function graverHazard(from: Hazard, into: Hazard): Hazard {
  if (from === 'fire') return from;
  return isLifeSafety(from) && !isLifeSafety(into) ? from : into;
}

/** The line of the one that took it over; `head` is where the other's chain ends, so that both prove each other. */
export function tookOver(from: IncidentCore, { by, reason }: Said, head: { seq: number; hash: string }): LineDraft {
  return {
    kind: 'state',
    text: { zh: clip(`${from.number} 并入本事件：${reason}`), en: clip(`${from.number} became part of this: ${reason}`) },
    data: { move: 'merge', incident: from.id, seq: head.seq, hash: head.hash, reason },
    actor: by,
  };
}

/** Whose hazard and level the incident of its own has: the gravest of what leaves, a danger to life before all else, then the oldest. */
export function gravestOf<A extends Leaving>(leaving: readonly A[]): A | undefined {
  const rank = ({ hazard }: A) => (hazard === 'fire' ? 0 : isLifeSafety(hazard) ? 1 : 2);
  const order = (a: A, b: A) => rank(a) - rank(b) || levelOf(a.severity) - levelOf(b.severity) || a.raisedAt - b.raisedAt;
  return leaving.toSorted(order)[0];
}

type Leaving = Pick<Alarm, 'hazard' | 'severity' | 'raisedAt'>;

/** 拆分: which alarms may leave an incident for one of their own, or why not. */
export function maySplit(
  incident: IncidentCore,
  alarms: readonly string[],
  leaving: readonly string[],
): { refused: MergeRefusal } | null {
  if (!isOpen(incident.state)) return refusal('事件已结束，不能拆分', 'The incident is over and cannot be split');
  if (leaving.some((id) => !alarms.includes(id))) {
    return refusal(
      '有告警不属于这个事件，请刷新后再选',
      'Some of these alarms are not in this incident. Look again, then choose',
    );
  }
  if (leaving.length === 0 || leaving.length === new Set(alarms).size) {
    return refusal('至少留下一条、分出一条告警', 'At least one alarm stays and one leaves');
  }
  return null;
}
