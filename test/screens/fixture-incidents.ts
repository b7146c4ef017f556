import type { Photo } from '@yihu/device-profiles/vocabulary/photo.ts';
import type { Alarm, AlarmSnapshot } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import {
  canMove,
  type IncidentDetail,
  incidentLife,
  incidentMoves,
  type IncidentSummary,
  type PlanStep,
  type TimelineLine,
} from '@yihu/device-profiles/vocabulary/incident.ts';

const minute = 60_000;
const hash = (seq: number) => seq.toString(16).padStart(64, '0');

type Given = Partial<IncidentSummary> & Pick<IncidentSummary, 'id' | 'number' | 'title' | 'hazard' | 'severity' | 'place'>;

function summary(openedAt: number, given: Given): IncidentSummary {
  return {
    state: 'open',
    area: 'xingfu/xfl/g1/3/2/502',
    areaName: '幸福里',
    openedAt,
    edgeAt: openedAt - 900,
    updatedAt: openedAt,
    ackedAt: null,
    dispatchedAt: null,
    alarmCount: 1,
    activeCount: 1,
    unackedCount: 1,
    childCount: 0,
    commander: null,
    legs: [],
    disposition: 'unknown',
    version: 1,
    ...given,
  };
}

const leg = (id: string, personName: string, state: IncidentSummary['legs'][number]['state'], at: number) => ({
  id: `leg-${id}`,
  person: id,
  personName,
  state,
  at,
});

/** The shift of the wireframe: one fire nobody has confirmed, a call for help, and what is being worked on. */
export function incidentsAt(now: number): IncidentSummary[] {
  const known = { unackedCount: 0, commander: '王芳', version: 4 };
  return [
    summary(now - 41_000, {
      id: 'i-fire',
      number: '20261123-07',
      title: { zh: '烟感报警', en: 'Smoke alarm' },
      hazard: 'fire',
      severity: 'critical',
      place: '幸福里 3栋2单元502',
      alarmCount: 3,
      activeCount: 3,
      unackedCount: 3,
    }),
    summary(now - 12_000, {
      id: 'i-help',
      number: '20261123-08',
      title: { zh: '一键求助', en: 'Help button' },
      hazard: 'person',
      severity: 'major',
      place: '丁香苑 7栋1301',
      areaName: '丁香苑',
    }),
    summary(now - 8 * minute - 55_000, {
      id: 'i-lift',
      number: '20261123-05',
      title: { zh: '电梯困人', en: 'People trapped in lift' },
      hazard: 'person',
      severity: 'major',
      place: '春晖家园 2栋 B梯',
      areaName: '春晖家园',
      state: 'on-scene',
      ...known,
      ackedAt: now - 8 * minute,
      dispatchedAt: now - 8 * minute,
      legs: [leg('p-zhao', '赵强', 'on-scene', now - 2 * minute)],
    }),
    summary(now - 22 * minute, {
      id: 'i-water',
      number: '20261123-04',
      title: { zh: '地下车库水位高', en: 'Garage water level high' },
      hazard: 'water',
      severity: 'minor',
      place: '幸福里 地下车库 B1 东侧集水井',
      state: 'dispatched',
      ...known,
      ackedAt: now - 20 * minute,
      dispatchedAt: now - 15 * minute,
      legs: [leg('p-sun', '孙磊', 'en-route', now - 4 * minute)],
    }),
    summary(now - 31 * minute, {
      id: 'i-door',
      number: '20261123-03',
      title: { zh: '门禁常开', en: 'Door held open' },
      hazard: 'security',
      severity: 'minor',
      place: '丁香苑 东门',
      areaName: '丁香苑',
      state: 'confirmed',
      ...known,
      ackedAt: now - 30 * minute,
    }),
    summary(now - 6 * minute, {
      id: 'i-gateway',
      number: '20261123-06',
      title: { zh: '网关离线', en: 'Gateway offline' },
      hazard: 'communication',
      severity: 'minor',
      place: '丁香苑 1栋 2号网关',
      areaName: '丁香苑',
      state: 'confirmed',
      ...known,
      childCount: 19,
      ackedAt: now - 5 * minute,
    }),
    summary(now - 95 * minute, {
      id: 'i-lamp',
      number: '20261123-02',
      title: { zh: '路灯回路断电', en: 'Street light circuit dead' },
      hazard: 'equipment',
      severity: 'warning',
      place: '春晖家园 南门',
      areaName: '春晖家园',
      state: 'resolved',
      ...known,
      ackedAt: now - 90 * minute,
      activeCount: 0,
    }),
  ];
}

function alarmOf(incident: IncidentSummary, index: number, now: number): Alarm {
  const acked = incident.unackedCount === 0;
  const level = incident.hazard === 'fire' ? { value: 0.21 + index * 0.02, limit: 0.15 } : null;
  const raisedAt = incident.edgeAt + index * 9_000;
  const names = ['客厅烟感', '厨房烟感', '卧室烟感'];
  return {
    id: `${incident.id}-a${index}`,
    gateway: 'gw-xfl-1-1',
    device: 'smoke-000',
    deviceName: { zh: incident.hazard === 'fire' ? `502 ${names[index] ?? ''}` : incident.title.zh, en: 'Sensor 502' },
    area: incident.area,
    alarm: 'smoke-high',
    name: incident.hazard === 'fire' ? { zh: '烟雾浓度高', en: 'Smoke density high' } : incident.title,
    hazard: incident.hazard,
    episode: 1,
    active: index < incident.activeCount,
    severity: incident.severity,
    peakSeverity: incident.severity,
    occurrences: 1,
    raisedAt,
    lastAt: now,
    clearedAt: null,
    receivedAt: raisedAt + (index === 2 ? 3_100 : 900),
    reason: level === null ? { code: 'event' } : { code: 'above-limit', ...level, heldMs: 5_000 },
    ...(level === null ? {} : { value: level.value }),
    ack: acked ? { by: 'u-wang', byName: '王芳', at: incident.ackedAt ?? now } : null,
    latch: 'until-ack',
    latched: false,
    shelf: null,
    suppressedBy: [],
    outOfService: null,
    disposition: 'unknown',
    incident: incident.id,
    version: 1,
    isa: acked ? 'acked' : 'unacked',
  };
}

function stepsOf(incident: IncidentSummary): PlanStep[] {
  const texts: [string, string][] =
    incident.hazard === 'fire'
      ? [
          ['电话核实：拨打住户与家属', 'Call the household and family'],
          ['派最近的网格员到场核实', 'Send the nearest grid worker'],
          ['核实为真：拨 119，启动单元广播', 'If real: call 119, start the announcement'],
          ['关防火门、疏散、通知家属', 'Close fire doors, evacuate, tell the family'],
        ]
      : [
          ['核实现场情况', 'Verify on site'],
          ['派人处置并回报', 'Send somebody and get a report'],
        ];
  return texts.map(([zh, en], index) => ({
    id: `s${index + 1}`,
    text: { zh, en },
    role: 'dispatcher',
    state: incident.unackedCount === 0 && index === 0 ? 'done' : 'pending',
    dueAt: incident.openedAt + (index + 1) * 3 * minute,
    doneAt: incident.unackedCount === 0 && index === 0 ? incident.ackedAt : null,
    by: incident.unackedCount === 0 && index === 0 ? '王芳' : null,
    reason: null,
  }));
}

function timelineOf(incident: IncidentSummary, alarms: readonly Alarm[]): TimelineLine[] {
  const raised = alarms.map((alarm, index): TimelineLine => ({
    seq: index + 1,
    at: alarm.receivedAt,
    edgeAt: alarm.raisedAt,
    kind: 'alarm-raised',
    actor: null,
    actorName: null,
    text: { zh: `${alarm.deviceName.zh}：${alarm.name.zh}`, en: alarm.name.en ?? alarm.name.zh },
    data: {},
    hash: hash(index + 1),
  }));
  if (incident.ackedAt === null) return raised;
  const state = {
    seq: raised.length + 1,
    at: incident.ackedAt,
    edgeAt: null,
    kind: 'state' as const,
    actor: 'u-wang',
    actorName: '王芳',
  };
  return [...raised, { ...state, text: { zh: '确认接警', en: 'Confirmed' }, data: {}, hash: hash(99) }];
}

type Standing = Pick<IncidentDetail, 'state' | 'alarms'>;

/** As the cloud has it: what endangers life is not resolved while it stands or its latch holds. */
export function movesOf({ state, alarms }: Standing): IncidentDetail['moves'] {
  const unsafe = alarms.some((alarm) => isLifeSafety(alarm.hazard) && (alarm.active || alarm.latched));
  const why = '还有生命安全告警未恢复或未复位';
  return incidentMoves.map((move) =>
    move === 'resolve' && unsafe && canMove(move, state)
      ? { move, allowed: false, why }
      : { move, allowed: canMove(move, state), why: null },
  );
}

/** The smoke is gone and everybody has confirmed: only the latches hold. */
export function latched(detail: IncidentDetail, now: number): IncidentDetail {
  const ack = { by: 'u-wang', byName: '王芳', at: now };
  const alarms = detail.alarms.map((alarm): Alarm => ({
    ...alarm,
    active: false,
    clearedAt: now,
    latch: 'until-reset',
    latched: true,
    ack,
    isa: 'latched',
    reason: { code: 'state-left' },
  }));
  const after = { ...detail, state: 'confirmed' as const, alarms, activeCount: 0, unackedCount: 0, commander: '王芳' };
  return { ...after, moves: movesOf(after) };
}

/** One alarm on the shelf, of no open incident. */
export function shelvedAt(now: number): Alarm {
  const lamp = incidentsAt(now).find((one) => one.id === 'i-lamp');
  if (lamp === undefined) throw new Error('no lamp');
  return {
    ...alarmOf(lamp, 0, now),
    id: 'a-shelved',
    deviceName: { zh: '东门摄像机', en: 'East gate camera' },
    name: { zh: '画面遮挡', en: 'View blocked' },
    active: true,
    incident: null,
    shelf: { until: now + 25 * minute, reason: '树枝待修剪', by: 'u-wang' },
    isa: 'shelved',
  };
}

const hall = { camera: 'cam-3-2', cameraName: { zh: '3栋2单元门厅', en: 'Hall of 3-2' }, missing: null };

/** The fire has three pictures, the lift one that has not come, the door one that the camera did not give. */
function shotsAt(incident: string, index: number, now: number): AlarmSnapshot[] {
  const at = now - 41_000 + index * 9_000;
  if (incident === 'i-fire') return [{ ...hall, id: `shot-${index}`, at, state: 'here' }];
  if (incident === 'i-help') return [{ ...hall, id: 'shot-help', at: now - 11_000, state: 'coming' }];
  if (incident === 'i-door') return [{ ...hall, id: 'shot-door', at: now - 31 * minute, state: 'missing', missing: 'no-answer' }];
  return [];
}

/** Two that a grid worker took at the door. */
function photosAt(now: number): Photo[] {
  return [25_000, 9_000].map((ago, nth) => {
    const at = now - ago;
    return { id: `photo-${nth + 1}`, at, takenAt: at - 4_000, byName: '赵敏', bytes: 180_000 };
  });
}

export function detailOf(incident: IncidentSummary, now: number): IncidentDetail {
  const alarms = Array.from({ length: incident.alarmCount }, (_, index) => {
    const snapshots = shotsAt(incident.id, index, now);
    return { ...alarmOf(incident, index, now), ...(snapshots.length > 0 && { snapshots }) };
  });
  return {
    ...incident,
    alarms,
    steps: stepsOf(incident),
    timeline: timelineOf(incident, alarms),
    moves: movesOf({ ...incident, alarms }),
    ...(incident.id === 'i-fire' && { photos: photosAt(now) }),
  };
}

const said: Record<keyof typeof incidentLife, TimelineLine['text']> = {
  confirm: { zh: '确认接警', en: 'Confirmed' },
  dispatch: { zh: '派人到现场', en: 'Somebody sent' },
  arrive: { zh: '已到场', en: 'On scene' },
  control: { zh: '已控制', en: 'Controlled' },
  resolve: { zh: '已解除', en: 'Resolved' },
  close: { zh: '结案', en: 'Closed' },
  'false-alarm': { zh: '误报结案', en: 'False alarm' },
  cancel: { zh: '撤销', en: 'Cancelled' },
  reopen: { zh: '重新打开', en: 'Reopened' },
};

/** The incident after a move, as the vocabulary's table says. */
export function moved(
  detail: IncidentDetail,
  move: keyof typeof incidentLife,
  by: string,
  person: string | undefined,
  now: number,
): IncidentDetail {
  const state = incidentLife[move].to;
  const seq = detail.timeline.length + 1;
  const line: TimelineLine = {
    seq,
    at: now,
    edgeAt: null,
    kind: 'state',
    actor: 'u',
    actorName: by,
    text: said[move],
    data: {},
    hash: hash(seq),
  };
  const legs =
    person === undefined ? detail.legs : [...detail.legs, leg(person, person === 'p-liu' ? '刘洋' : person, 'offered', now)];
  const after = {
    ...detail,
    state,
    legs,
    version: detail.version + 1,
    updatedAt: now,
    commander: by,
    timeline: [...detail.timeline, line],
  };
  return { ...after, moves: movesOf(after) };
}

export function summaryOf(detail: IncidentDetail): IncidentSummary {
  const { alarms, steps: _steps, timeline: _timeline, moves: _moves, photos: _photos, ...rest } = detail;
  return {
    ...rest,
    activeCount: alarms.filter((alarm) => alarm.active).length,
    unackedCount: alarms.filter((alarm) => alarm.ack === null).length,
  };
}
