import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { FalseAlarms, MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import type { IncidentDetail, IncidentMove } from '@yihu/device-profiles/vocabulary/incident.ts';
import { canMove } from '@yihu/device-profiles/vocabulary/incident.ts';
import type {
  DeviceDetail,
  DeviceSummary,
  GatewayView,
  History,
  Overview,
  PointView,
  Snapshot,
  StreamEvent,
} from '@yihu/device-profiles/vocabulary/view.ts';
import type { FixtureCall } from './fixture-calls.ts';
import type { DeviceRule } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { Notice } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { FloorPlan } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import { rulesAt } from './fixture-rules.ts';
import { type UserView, usersAt } from './fixture-users.ts';
import { type Links, linksAt } from './fixture-links.ts';
import { noticesAt } from './fixture-notices.ts';
import { plansAt } from './fixture-plans.ts';
import { detailOf, incidentsAt, moved, movesOf, shelvedAt, summaryOf } from './fixture-incidents.ts';
import { falseAlarms, windowsAt } from './fixture-maintenance.ts';
import { peopleOfFire } from './fixture-people.ts';
import type { IncidentWork } from './fixture-tasks.ts';
import { shiftAt, type ShiftWork } from './fixture-shift.ts';
import { areasOf, devicesAt, gatewaysAt, responders, tallyOf } from './fixture-site.ts';

/** The world behind the fixture server: what the screens read, and what their moves change. */
export interface World {
  now: number;
  details: Map<string, IncidentDetail>;
  devices: DeviceSummary[];
  gateways: GatewayView[];
  /** Alarms on the shelf that belong to no open incident. */
  apart: Alarm[];
  /** Every event so far; its place in the list is its stream id. */
  events: StreamEvent[];
  windows: MaintenanceWindow[];
  falseAlarms: FalseAlarms[];
  calls: Map<string, FixtureCall>;
  work: IncidentWork;
  shift: ShiftWork;
  /** Who looks at the desk. */
  me: string;
  /** A call is being answered. */
  calling: boolean;
  plans: FloorPlan[];
  notices: Notice[];
  links: Links;
  /** No home is registered where a notice goes. */
  noBuildings: boolean;
  users: UserView[];
  rules: DeviceRule[];
  /** The rules of devices are known. */
  rulesKnown: boolean;
  /** Bodies of unsafe requests, for the tests to look at. */
  received: { path: string; body: Record<string, unknown> }[];
}

export function newWorld(now: number): World {
  const details = new Map(incidentsAt(now).map((incident) => [incident.id, detailOf(incident, now)]));
  return {
    now,
    details,
    devices: devicesAt(now),
    gateways: gatewaysAt(now),
    apart: [shelvedAt(now)],
    windows: windowsAt(now),
    falseAlarms,
    calls: new Map(),
    shift: shiftAt(now),
    work: { tasks: [], needs: [], rollCalls: [], people: new Map([['i-fire', peopleOfFire()]]) },
    me: 'u-wang',
    calling: false,
    plans: plansAt(now),
    notices: noticesAt(now),
    links: linksAt(now),
    noBuildings: false,
    users: usersAt(now),
    rules: rulesAt(now),
    rulesKnown: true,
    events: [],
    received: [],
  };
}

/** Every alarm on the shelf. */
export function shelvedOf(world: World): Alarm[] {
  const all = [...world.apart, ...[...world.details.values()].flatMap((detail) => detail.alarms)];
  return all.filter((alarm) => alarm.shelf !== null);
}

export function snapshotOf(world: World): Snapshot {
  return {
    stream: String(world.events.length),
    at: Date.now(),
    incidents: [...world.details.values()].map(summaryOf),
    gateways: world.gateways,
    responders,
    devices: tallyOf(world.devices),
    shelved: shelvedOf(world).length,
    lastClosedAt: world.now - 89 * 60_000,
  };
}

export function overviewOf(world: World): Overview {
  const perHour = [0, 0, 1, 0, 0, 0, 2, 4, 3, 1, 0, 1, 2, 1, 0, 0, 1, 5, 7, 3, 1, 0, 2, 4];
  return {
    at: Date.now(),
    areas: areasOf(world.devices),
    incidents: [...world.details.values()].map(summaryOf),
    gateways: world.gateways,
    alarmsPerHour: perHour,
  };
}

export interface Answer {
  status: number;
  body: unknown;
}

const conflict = (current: unknown): Answer => ({
  status: 409,
  body: {
    code: 'version',
    message: { zh: '已有人先一步操作，请看过最新状态再决定。', en: 'Somebody was first; look at how it stands now.' },
    current,
  },
});

/** Stores what a move made and tells the stream. */
export function publish(world: World, detail: IncidentDetail): void {
  const fresh = { ...detail, ...summaryOf(detail), moves: movesOf(detail) };
  world.details.set(detail.id, fresh);
  world.events.push({ type: 'incident', at: Date.now(), incident: summaryOf(fresh) });
}

export function moveIncident(world: World, id: string, body: Record<string, unknown>): Answer {
  const detail = world.details.get(id);
  if (detail === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有这起事件。' } } };
  const move = body['move'] as IncidentMove;
  if (body['version'] !== detail.version || !canMove(move, detail.state)) return conflict(detail);
  const after = moved(detail, move, '王芳', body['person'] as string | undefined, Date.now());
  publish(world, move === 'confirm' ? { ...after, ackedAt: Date.now() } : after);
  return { status: 200, body: world.details.get(id) };
}

function alarmChange(body: Record<string, unknown>): Partial<Alarm> {
  const ack = { by: 'u-wang', byName: '王芳', at: Date.now() };
  if (body['move'] === 'ack') return { ack, isa: 'acked' };
  if (body['move'] === 'reset') return { latched: false, ack, isa: 'normal' };
  if (body['move'] === 'unshelve') return { shelf: null, isa: 'acked' };
  return { shelf: { until: Number(body['until']), reason: String(body['reason']), by: '王芳' }, isa: 'shelved' };
}

export function moveAlarm(world: World, id: string, body: Record<string, unknown>): Answer {
  const detail = [...world.details.values()].find((one) => one.alarms.some((alarm) => alarm.id === id));
  const alarm = [...(detail?.alarms ?? []), ...world.apart].find((one) => one.id === id);
  if (alarm === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有这条告警。' } } };
  if (body['version'] !== alarm.version) return conflict(alarm);
  const after: Alarm = { ...alarm, ...alarmChange(body), version: alarm.version + 1 };
  const exchanged = (alarms: readonly Alarm[]) => alarms.map((one) => (one.id === id ? after : one));
  world.apart = exchanged(world.apart);
  if (detail !== undefined) publish(world, { ...detail, version: detail.version + 1, alarms: exchanged(detail.alarms) });
  world.events.push({ type: 'alarm', at: Date.now(), alarm: after });
  return { status: 200, body: after };
}

export function setStep(world: World, id: string, step: string, body: Record<string, unknown>): Answer {
  const detail = world.details.get(id);
  if (detail === undefined) return { status: 404, body: {} };
  const state = body['state'] as 'pending' | 'done' | 'skipped';
  const over = { state, doneAt: Date.now(), by: '王芳', reason: (body['reason'] as string | undefined) ?? null };
  const done = state === 'pending' ? { state, doneAt: null, by: null, reason: null } : over;
  publish(world, {
    ...detail,
    version: detail.version + 1,
    steps: detail.steps.map((one) => (one.id === step ? { ...one, ...done } : one)),
  });
  return { status: 200, body: world.details.get(id) };
}

/** Somebody else at another desk confirms it. */
export function confirmByOther(world: World, id: string): void {
  const detail = world.details.get(id);
  if (detail === undefined) throw new Error(`no incident ${id}`);
  const after = moved(detail, 'confirm', '陈静', undefined, Date.now());
  world.details.set(id, { ...after, moves: movesOf(after) });
}

function pointsOf(device: DeviceSummary): PointView[] {
  const [first] = device.headline;
  if (first === undefined) return [];
  const main: PointView = {
    point: first.point,
    name: first.name,
    unit: '1',
    symbol: first.symbol,
    value: first.value,
    valueName: null,
    quality: first.quality,
    reason: first.quality === 'bad' ? 'no-answer' : null,
    at: first.at,
    chart: 'line',
    limits:
      first.point === 'smoke'
        ? [{ alarm: 'smoke-high', name: { zh: '烟雾浓度高' }, above: 0.15, below: null, severity: 'critical' }]
        : [],
  };
  const battery: PointView = {
    ...main,
    point: 'battery',
    name: { zh: '电池电压', en: 'Battery' },
    symbol: 'V',
    value: 3.02,
    quality: 'good',
    reason: null,
    at: device.lastAt,
    limits: [{ alarm: 'battery-low', name: { zh: '电池电压低' }, above: null, below: 2.6, severity: 'warning' }],
  };
  const state: PointView = {
    ...main,
    point: 'state',
    name: { zh: '工作状态', en: 'State' },
    symbol: '',
    value: 'run',
    valueName: { zh: '运行', en: 'Running' },
    quality: 'good',
    reason: null,
    at: device.lastAt,
    limits: [],
    chart: 'step',
  };
  const signal: PointView = {
    ...main,
    point: 'rssi',
    name: { zh: '信号强度', en: 'Signal' },
    symbol: 'dBm',
    value: -131,
    quality: 'uncertain',
    reason: 'out-of-range',
    limits: [],
    chart: 'none',
  };
  return [main, battery, state, signal];
}

export function deviceDetailOf(world: World, device: DeviceSummary): DeviceDetail {
  const fire = world.details.get('i-fire');
  const minute = 60_000;
  return {
    ...device,
    profileName: { zh: `${device.name.zh.split(' ')[0] ?? ''} 档案`, en: 'Profile' },
    maker: { zh: '示例厂', en: 'Example maker' },
    model: 'YH-101',
    points: pointsOf(device),
    alarms: device.activeAlarms > 0 && fire !== undefined ? fire.alarms.slice(0, 2) : [],
    events: [
      {
        type: 'test.pressed',
        name: { zh: '自检按钮按下', en: 'Test button' },
        code: '0x11',
        at: world.now - 50 * minute,
        data: {},
      },
      {
        type: 'power.restored',
        name: { zh: '供电恢复', en: 'Power restored' },
        code: null,
        at: world.now - 300 * minute,
        data: {},
      },
    ],
  };
}

/** A curve with an hour's shape and one hole in it. */
export function historyOf(device: DeviceSummary, point: string, from: number, to: number, buckets: number): History {
  const bucketMs = Math.max(1_000, Math.round((to - from) / buckets));
  const at = Array.from({ length: buckets }, (_, index) => from + index * bucketMs);
  const base = Number(device.headline[0]?.value ?? 1) || 1;
  const alarmed = device.worst === 'critical' && point === 'smoke';
  const value = (index: number): number | null => {
    const part = index / buckets;
    if (part > 0.3 && part < 0.42) return null;
    if (point === 'battery') return 3.05 - part * 0.03;
    const wave = 1 + 0.05 * Math.sin(index / 9) + 0.02 * Math.sin(index / 2.3);
    if (!alarmed) return Number((base * wave).toFixed(4));
    return Number((part < 0.9 ? 0.02 * wave : 0.02 + ((part - 0.9) / 0.1) * 0.19).toFixed(4));
  };
  const last = at.map((_, index) => value(index));
  const spread = (by: number) => last.map((one) => (one === null ? null : Number((one * by).toFixed(4))));
  return { device: device.id, point, from, to, bucketMs, at, min: spread(0.96), max: spread(1.04), last };
}
