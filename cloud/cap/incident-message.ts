import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type Hazard, levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { capLimits } from './limits.ts';
import { categoryOf, severityWords } from './meaning.ts';
import type { CapArea, CapInfo, CapMessage, CapReference } from './message.ts';
import { offsetTime } from './time.ts';

type Incident = Pick<
  IncidentSummary,
  'id' | 'number' | 'hazard' | 'severity' | 'state' | 'openedAt' | 'alarmCount' | 'disposition' | 'version'
>;

export interface Telling {
  readonly incident: Incident;
  /** Where, no closer than the building: a document that leaves the house never names a flat or who lives in it. */
  readonly area: CapArea;
  readonly sender: string;
  readonly senderName: string;
  readonly timeZone: string;
  readonly at: number;
  /** What was sent of this incident before, oldest first. */
  readonly before: readonly CapReference[];
}

type Words = { readonly zh: string; readonly en: string };

const hazardWords: Readonly<Record<Hazard, Words>> = {
  fire: { zh: '火情', en: 'Fire' },
  gas: { zh: '燃气泄漏', en: 'Gas leak' },
  water: { zh: '漏水', en: 'Water leak' },
  person: { zh: '人员求助', en: 'Person in need of help' },
  security: { zh: '治安事件', en: 'Security incident' },
  equipment: { zh: '设备故障', en: 'Equipment failure' },
  environment: { zh: '环境异常', en: 'Environmental hazard' },
  communication: { zh: '通信中断', en: 'Loss of communication' },
};

const stateWords: Readonly<Record<IncidentSummary['state'], Words>> = {
  open: { zh: '待确认', en: 'not yet confirmed' },
  confirmed: { zh: '已确认', en: 'confirmed' },
  dispatched: { zh: '已派人', en: 'help is on its way' },
  'on-scene': { zh: '已到场', en: 'help is on scene' },
  controlled: { zh: '已控制', en: 'under control' },
  resolved: { zh: '已处置', en: 'resolved' },
  closed: { zh: '已结案', en: 'closed' },
  'false-alarm': { zh: '误报', en: 'a false alarm' },
  cancelled: { zh: '已取消', en: 'cancelled' },
  merged: { zh: '已并入另一事件', en: 'part of another incident' },
};

/** True where there is nothing left of it: what was sent is taken back. */
export function isTakenBack(state: IncidentSummary['state']): boolean {
  return state === 'false-alarm' || state === 'cancelled' || state === 'merged';
}

export function isOver(state: IncidentSummary['state']): boolean {
  return state === 'closed' || isTakenBack(state);
}

/** The next message of an incident: Alert, then Updates, and a Cancel where it was none. */
export function incidentMessage(telling: Telling): CapMessage {
  const { incident, sender, timeZone, at, before } = telling;
  const cancels = isTakenBack(incident.state);
  return {
    identifier: `yihu.${incident.id}.${before.length + 1}`,
    sender,
    sent: offsetTime(at, timeZone),
    status: statusOf(incident.disposition),
    msgType: before.length === 0 ? 'Alert' : cancels ? 'Cancel' : 'Update',
    scope: 'Restricted',
    restriction: 'Emergency services and neighbouring control rooms / 应急力量与相邻值班室',
    code: [],
    ...(cancels ? { note: `${incident.number}: ${stateWords[incident.state].en} / ${stateWords[incident.state].zh}` } : {}),
    references: before.slice(-capLimits.references),
    incidents: incident.number,
    info: [infoIn('zh', telling), infoIn('en', telling)],
  };
}

function statusOf(disposition: IncidentSummary['disposition']): CapMessage['status'] {
  if (disposition === 'drill') return 'Exercise';
  return disposition === 'test' ? 'Test' : 'Actual';
}

function infoIn(language: keyof Words, { incident, area, senderName, timeZone, at }: Telling): CapInfo {
  const { hazard, severity, state, number, openedAt, alarmCount } = incident;
  const level = ['I', 'II', 'III', 'IV'][levelOf(severity) - 1] ?? 'IV';
  const [event, is] = [hazardWords[hazard][language], stateWords[state][language]];
  const since = offsetTime(openedAt, timeZone);
  const words = {
    zh: {
      headline: `${area.areaDesc} ${event} ${level}级（${is}）`,
      description: `事件 ${number}，${since} 起，共 ${alarmCount} 条告警，目前${is}。`,
    },
    en: {
      headline: `${event}, level ${level}, ${area.areaDesc} (${is})`,
      description: `Incident ${number}, since ${since}, alarms: ${alarmCount}; now ${is}.`,
    },
  }[language];
  return {
    language: language === 'zh' ? 'zh-CN' : 'en',
    category: [categoryOf[hazard]],
    event,
    responseType: [
      isOver(state) || state === 'resolved' ? 'AllClear' : hazard === 'fire' || hazard === 'gas' ? 'Avoid' : 'Monitor',
    ],
    urgency: urgencyOf(state),
    severity: severityWords[severity],
    certainty: certaintyOf(state),
    eventCode: [],
    onset: since,
    expires: offsetTime(at + capLimits.lastsMs, timeZone),
    senderName,
    ...words,
    parameter: [{ valueName: 'yihu:level', value: level }],
    area: [area],
  };
}

function urgencyOf(state: IncidentSummary['state']): CapInfo['urgency'] {
  if (isOver(state) || state === 'resolved') return 'Past';
  return state === 'controlled' ? 'Expected' : 'Immediate';
}

/** What a detector says is possible; what somebody has confirmed is observed. */
function certaintyOf(state: IncidentSummary['state']): CapInfo['certainty'] {
  if (isTakenBack(state)) return 'Unlikely';
  return state === 'open' ? 'Possible' : 'Observed';
}
