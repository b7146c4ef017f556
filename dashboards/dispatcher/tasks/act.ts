import type { IncidentNeed } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { call } from '../../client/api.ts';
import { newKey } from '../../client/key.ts';
import { attempt } from '../act.ts';
import { choose, useDesk } from '../desk.ts';
import { readForces } from './read.ts';

const pathOf = (id: string) => `/api/incidents/${encodeURIComponent(id)}`;

/** The version on the screen when the request goes out: an own action before it may have moved it on. */
function versionOf(detail: IncidentDetail): number {
  const shown = useDesk.getState().detail;
  return (shown?.id === detail.id ? shown : detail).version;
}

async function send(detail: IncidentDetail, what: string, body: () => object): Promise<boolean> {
  const key = newKey();
  const done = await attempt(detail.id, () => call('POST', `${pathOf(detail.id)}/${what}`, { ...body(), key }));
  if (done) await readForces(detail.id);
  return done;
}

export function addNeed(detail: IncidentDetail, need: Pick<IncidentNeed, 'kind' | 'count' | 'place'>): Promise<boolean> {
  return send(detail, 'needs', () => need);
}

/** 清点: asks everybody who was sent whether they are safe. */
export function rollCall(detail: IncidentDetail): Promise<boolean> {
  return send(detail, 'roll-calls', () => ({}));
}

/** 并入: this one ends, and the other comes to the front. */
export async function merge(detail: IncidentDetail, into: string, reason: string): Promise<boolean> {
  const key = newKey();
  const path = `${pathOf(detail.id)}/merge`;
  const done = await attempt(detail.id, () => call('POST', path, { into, version: versionOf(detail), reason, key }));
  if (done) choose(into);
  return done;
}

/** 接报 by the fire command centre. */
export function reportOnward(detail: IncidentDetail, report: { receiver: string; how: 'phone' | 'network' }): Promise<boolean> {
  return send(detail, 'onward', () => report);
}

export function split(detail: IncidentDetail, alarms: readonly string[], reason: string): Promise<boolean> {
  return send(detail, 'split', () => ({ alarms, version: versionOf(detail), reason }));
}

/** 定级与指挥 */
export function command(
  detail: IncidentDetail,
  set: { severity?: Severity; commander?: string; reason: string },
): Promise<boolean> {
  return send(detail, 'command', () => ({ ...set, version: versionOf(detail) }));
}
