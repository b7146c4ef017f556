import { pollGroups } from '@yihu/device-profiles/library/poll-groups.ts';
import type { PortResult } from '@yihu/device-profiles/vocabulary/site-change.ts';
import type { PortState } from '../collect/driver.ts';
import type { Site } from '../config.ts';
import { type ChangePlan, touchedPorts } from './plan.ts';
import type { Sentence } from './request.ts';

/** What can be seen of a running site. */
export interface Sight {
  port(id: string): PortState | undefined;
  /** Whether a point of the device was read well: lately, or since the change began. */
  isRead(device: string): boolean;
  /** How far the cloud has the alarm lane; null while it is not connected, or where there is none. */
  uplinkThrough(): number | null;
}

/** How things were before: what was not so need not become so. */
export interface Before {
  readonly devices: ReadonlyMap<string, { readonly answers: boolean; readonly isRead: boolean }>;
  readonly upPorts: ReadonlySet<string>;
  readonly hasUplink: boolean;
}

export function lookBefore(site: Site, sight: Sight): Before {
  const devices = site.devices.map(
    ({ id, port }) => [id, { answers: answers(sight, port, id), isRead: sight.isRead(id) }] as const,
  );
  const known = site.ports.map(({ id }) => id);
  return {
    devices: new Map(devices),
    upPorts: new Set(known.filter((id) => sight.port(id)?.wire === 'up')),
    hasUplink: sight.uplinkThrough() !== null,
  };
}

/** 验证: what has to be seen before a change is kept. */
export interface Expectations {
  readonly ports: readonly string[];
  readonly devices: readonly { readonly id: string; readonly port: string; readonly isRead: boolean }[];
  /** The cloud must have the alarm lane up to here; null where it was not connected before. */
  readonly uplinkThrough: number | null;
}

interface Asked {
  readonly plan: ChangePlan;
  readonly to: Site;
  readonly before: Before;
  readonly mayBeSilent: readonly string[] | 'all';
  /** The last record of the alarm lane when the change was applied. */
  readonly lastAlarm: number;
}

/**
 * Of ports that were started: the wire is there, and each device that is polled answers with a value, unless it did not before
 * or need not. Devices that speak when they like are not waited for.
 */
export function expectationsOf({ plan, to, before, mayBeSilent, lastAlarm }: Asked): Expectations {
  const [added, changed] = [touchedPorts(plan, 'added'), touchedPorts(plan, 'changed')];
  const ports = [...added, ...[...changed].filter((id) => before.upPorts.has(id))];
  const devices = to.devices.flatMap(({ id, port, profile }) => {
    if (!(added.has(port) || changed.has(port)) || pollGroups(profile).length === 0) return [];
    if (mayBeSilent === 'all' || mayBeSilent.includes(id)) return [];
    const known = before.devices.get(id) ?? { answers: true, isRead: true };
    return known.answers ? [{ id, port, isRead: known.isRead }] : [];
  });
  const isWaived = (port: string) => mayBeSilent === 'all' && to.devices.some((device) => device.port === port);
  return {
    ports: ports.filter((port) => !isWaived(port)),
    devices,
    uplinkThrough: before.hasUplink ? lastAlarm : null,
  };
}

interface Lack {
  /** Null: not of a port. */
  readonly port: string | null;
  readonly sentence: Sentence;
}

/** What is still not so, in sentences; empty: verified. */
export function missing(expected: Expectations, sight: Sight): Sentence[] {
  return lacks(expected, sight).map(({ sentence }) => sentence);
}

/** What became of each port that the change touched, as it is seen now. */
export function portResults({ ports }: ChangePlan, expected: Expectations | null, sight: Sight): PortResult[] {
  const all = expected ? lacks(expected, sight) : [];
  return ports.flatMap(({ id, change }) => {
    if (change === 'untouched') return [];
    const reasons = all.filter(({ port }) => port === id).map(({ sentence: { zh, en } }) => ({ zh: short(zh), en: short(en) }));
    return [{ port: id, change, ok: expected !== null && reasons.length === 0, reasons: reasons.slice(0, 50) }];
  });
}

const short = (text: string) => (text.length > 600 ? `${text.slice(0, 599)}…` : text);

function lacks({ ports, devices, uplinkThrough }: Expectations, sight: Sight): Lack[] {
  const found: Lack[] = [];
  for (const id of ports) {
    const state = sight.port(id);
    if (state?.wire !== 'up') found.push({ port: id, sentence: portSentence(id, state) });
  }
  for (const { id, port, isRead } of devices) {
    if (!answers(sight, port, id)) found.push({ port, sentence: silentSentence(id, sight.port(port)?.devices[id]?.fault) });
    else if (isRead && !sight.isRead(id)) found.push({ port, sentence: unreadSentence(id) });
  }
  if (uplinkThrough !== null && (sight.uplinkThrough() ?? -1) < uplinkThrough)
    found.push({ port: null, sentence: uplinkSentence });
  return found;
}

function answers(sight: Sight, port: string, device: string): boolean {
  const state = sight.port(port)?.devices[device];
  return state !== undefined && state.heardAt !== null && state.failures === 0;
}

function portSentence(id: string, state: PortState | undefined): Sentence {
  return {
    zh: `端口 ${id} 没有接通${state?.reason ? `：${state.reason.zh}` : '。'}`,
    en: `Port ${id} has no wire${state?.reason ? `: ${state.reason.en}` : '.'}`,
  };
}

function silentSentence(id: string, fault: string | undefined): Sentence {
  const why = fault === undefined ? '' : ` (${fault})`;
  return { zh: `设备 ${id} 没有应答${why}。`, en: `Device ${id} does not answer${why}.` };
}

function unreadSentence(id: string): Sentence {
  return {
    zh: `设备 ${id} 应答了，但没有读到一个好的值；请核对档案和地址。`,
    en: `Device ${id} answers, but no good value was read; check its profile and address.`,
  };
}

const uplinkSentence: Sentence = {
  zh: '变更前云端在线，现在云端还没有确认收到。',
  en: 'The cloud was there before the change and has not confirmed since.',
};
