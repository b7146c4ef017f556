import type { Alarm, Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import {
  canMove,
  type IncidentMove,
  incidentLife,
  incidentMoves,
  type IncidentState,
  type Leg,
} from '@yihu/device-profiles/vocabulary/incident.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { clip, type IncidentCore, type LineDraft } from './core.ts';
import { isBusy, legText, moveLeg } from './leg.ts';

export interface IncidentRequest {
  readonly move: IncidentMove;
  readonly by: { readonly id: string; readonly name: string };
  /** Server's clock, ms since 1970 UTC. */
  readonly at: number;
  /** The version the person saw. */
  readonly version: number;
  readonly reason?: string | undefined;
  readonly person?: { readonly id: string; readonly name: string } | undefined;
  readonly disposition?: Disposition | undefined;
  /** Id of the leg if one is made. */
  readonly legId: string;
}

/** What an incident's move is decided on. */
export interface IncidentContext {
  readonly alarms: readonly Pick<Alarm, 'active' | 'latched' | 'latch' | 'hazard'>[];
  readonly legs: readonly Leg[];
}

export type IncidentEffect =
  /** Whoever takes the incident up has seen its alarms. */
  | { do: 'ack-alarms' }
  /** It is over: alarms that are done with get this verdict. */
  | { do: 'judge-alarms'; disposition: Disposition }
  | { do: 'settle' };

export interface IncidentRefusal {
  readonly code: 'version-conflict' | 'not-allowed' | 'reason-needed' | 'person-needed' | 'still-active';
  readonly message: Text;
}

export type IncidentResult =
  | {
      readonly incident: IncidentCore;
      readonly legs: readonly Leg[];
      readonly lines: readonly LineDraft[];
      readonly effects: readonly IncidentEffect[];
    }
  | { readonly refused: IncidentRefusal };

export const stateNames: Record<IncidentState, Text> = {
  open: { zh: '待处置', en: 'open' },
  confirmed: { zh: '已确认', en: 'confirmed' },
  dispatched: { zh: '已派人', en: 'dispatched' },
  'on-scene': { zh: '已到场', en: 'on scene' },
  controlled: { zh: '已控制', en: 'controlled' },
  resolved: { zh: '已解除', en: 'resolved' },
  closed: { zh: '已结案', en: 'closed' },
  'false-alarm': { zh: '误报', en: 'a false alarm' },
  cancelled: { zh: '已取消', en: 'cancelled' },
  merged: { zh: '已并入', en: 'merged' },
};

function refusal(code: IncidentRefusal['code'], zh: string, en: string): IncidentRefusal {
  return { code, message: { zh, en } };
}

/**
 * Why the move cannot be made now, whoever makes it; null where it can. With a life at stake, nobody may call an incident
 * resolved while a detector still says otherwise. For the rest it is a warning only (`warnings`): a meter that stays out
 * of range until the maker's visit must not keep an incident open for weeks.
 */
export function whyNot(incident: IncidentCore, move: IncidentMove, context: IncidentContext): IncidentRefusal | null {
  if (!canMove(move, incident.state)) {
    const state = stateNames[incident.state];
    return refusal(
      'not-allowed',
      `事件${state.zh}，不能做这一步`,
      `The incident is ${state.en ?? state.zh}; this step is not open from there`,
    );
  }
  const unsafe = context.alarms.filter((alarm) => isLifeSafety(alarm.hazard) && isHolding(alarm)).length;
  if (move !== 'resolve' || unsafe === 0) return null;
  return refusal(
    'still-active',
    `还有 ${unsafe} 条生命安全告警未恢复或未复位，请先现场排除并复位`,
    `${unsafe} life-safety alarms are still active or latched. Clear them on site and reset them first`,
  );
}

function isHolding(alarm: Pick<Alarm, 'active' | 'latched' | 'latch'>): boolean {
  return alarm.active || (alarm.latched && alarm.latch === 'until-reset');
}

/** Every move with whether it may be made and what to know before. */
export function movesOf(
  incident: IncidentCore,
  context: IncidentContext,
): { move: IncidentMove; allowed: boolean; why: string | null; whyText: Text | null }[] {
  const holding = context.alarms.filter(isHolding).length;
  return incidentMoves.map((move) => {
    const refused = whyNot(incident, move, context);
    const warns = (move === 'resolve' || move === 'close') && holding > 0;
    const warning = { zh: `还有 ${holding} 条告警未恢复`, en: `${holding} alarms are still active or latched` };
    const whyText = refused?.message ?? (warns ? warning : null);
    return { move, allowed: refused === null, why: whyText?.zh ?? null, whyText };
  });
}

/** 事件的一步: by the table `incidentLife`, with the version the person saw; two people at once are one effect. */
export function applyIncidentMove(incident: IncidentCore, request: IncidentRequest, context: IncidentContext): IncidentResult {
  const refused = refuse(incident, request, context);
  if (refused) return { refused };
  const { move, by, at } = request;
  const taking = move === 'confirm' || move === 'dispatch';
  const next: IncidentCore = {
    ...incident,
    state: incidentLife[move].to,
    commander: taking ? (incident.commander ?? by.name) : incident.commander,
    ackedAt: incident.ackedAt ?? at,
    dispatchedAt: move === 'dispatch' ? (incident.dispatchedAt ?? at) : incident.dispatchedAt,
    disposition: verdict(incident, request),
    updatedAt: at,
    version: incident.version + 1,
  };
  const legs = legsAfter(request, context.legs);
  const lines = [stateLine(incident, next, request), ...legs.lines];
  return { incident: next, legs: legs.changed, lines, effects: effectsOf(request, next) };
}

function refuse(incident: IncidentCore, request: IncidentRequest, context: IncidentContext): IncidentRefusal | null {
  if (request.version !== incident.version) {
    return refusal(
      'version-conflict',
      '事件刚被其他人更新，请看清当前状态后再操作',
      'Somebody has just changed this incident. Look at its present state, then act again',
    );
  }
  const closed = whyNot(incident, request.move, context);
  if (closed) return closed;
  if (incidentLife[request.move].needsReason && !request.reason?.trim()) {
    return refusal('reason-needed', '请写明原因', 'Say why');
  }
  if (request.move !== 'dispatch') return null;
  if (!request.person) return refusal('person-needed', '请选择派谁去', 'Choose whom to send');
  const busy = context.legs.some((leg) => leg.person === request.person?.id && isBusy(leg.state));
  return busy
    ? refusal('not-allowed', `${request.person.name} 已经在处理这件事`, `${request.person.name} is on it already`)
    : null;
}

const overMoves: readonly IncidentMove[] = ['close', 'false-alarm', 'cancel'];

function verdict(incident: IncidentCore, request: IncidentRequest): Disposition {
  if (request.move === 'reopen') return 'unknown';
  if (request.move === 'false-alarm') return 'false';
  if (request.move === 'close')
    return request.disposition ?? (incident.disposition === 'unknown' ? 'real' : incident.disposition);
  return request.disposition ?? incident.disposition;
}

function effectsOf(request: IncidentRequest, next: IncidentCore): IncidentEffect[] {
  const { move } = request;
  const effects: IncidentEffect[] = [{ do: 'settle' }];
  if (move === 'confirm' || move === 'dispatch') effects.push({ do: 'ack-alarms' });
  if (move === 'close' || move === 'false-alarm') effects.push({ do: 'judge-alarms', disposition: next.disposition });
  return effects;
}

/** dispatch makes a leg, arrive moves one, and what is over calls everybody off who is still under way. */
function legsAfter(request: IncidentRequest, legs: readonly Leg[]): { changed: Leg[]; lines: LineDraft[] } {
  const { move, by, at, person } = request;
  if (move === 'dispatch' && person) {
    const leg: Leg = { id: request.legId, person: person.id, personName: person.name, state: 'offered', at };
    const data = { leg: leg.id, person: person.id, to: leg.state };
    return { changed: [leg], lines: [{ kind: 'dispatch', text: legText(person.name, 'offered'), data, actor: by }] };
  }
  const busy = legs.filter((leg) => isBusy(leg.state));
  if (move === 'arrive') {
    const first = busy.find((leg) => leg.person === person?.id) ?? (person ? undefined : busy.at(-1));
    return collect(first ? [moveLeg(first, 'on-scene', at, by)] : []);
  }
  return overMoves.includes(move)
    ? collect(busy.map((leg) => moveLeg(leg, leg.state === 'on-scene' ? 'done' : 'cancelled', at, by)))
    : { changed: [], lines: [] };
}

function collect(moved: readonly ReturnType<typeof moveLeg>[]): { changed: Leg[]; lines: LineDraft[] } {
  const real = moved.filter((one) => one !== null);
  return { changed: real.map((one) => one.leg), lines: real.map((one) => one.line) };
}

function stateLine(before: IncidentCore, after: IncidentCore, request: IncidentRequest): LineDraft {
  const [from, to] = [stateNames[before.state], stateNames[after.state]];
  const reason = request.reason?.trim();
  return {
    kind: 'state',
    text: {
      zh: clip(`${from.zh} → ${to.zh}${reason ? `：${reason}` : ''}`),
      en: clip(`${from.en} → ${to.en}${reason ? `: ${reason}` : ''}`),
    },
    data: { move: request.move, from: before.state, to: after.state, ...(reason ? { reason } : {}) },
    actor: request.by,
  };
}
