import type { CallCount } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Session } from '@yihu/device-profiles/vocabulary/view.ts';
import type { WallCall, WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { maskIncident } from '../../cloud/web/mask.ts';
import { overviewOf, snapshotOf, type World } from './fixture-api.ts';
import { responders, tallyOf } from './fixture-site.ts';

export const wallSession: Session = {
  user: { id: 'u-wall', account: 'daping', name: '大屏' },
  grants: [{ area: 'xingfu', areaName: '幸福街道', role: 'wall' }],
  csrf: 'fixture-csrf',
  expiresAt: 4_102_444_800_000,
};

function countOf(households: number, done: number, help: number): CallCount {
  const people = households * 2;
  return {
    people,
    safe: (done - help) * 2,
    volunteers: 0,
    help: help * 2,
    away: 0,
    refused: 0,
    silent: (households - done) * 2,
    unreachable: 0,
    vulnerableSilent: 3,
    households,
    householdsDone: done,
    householdsHelp: help,
  };
}

/** A drill that a community is answering. */
function callAt(now: number): WallCall {
  return {
    id: 'c-1',
    number: 'H20261128-01',
    kind: 'drill',
    title: '3栋疏散演练',
    areaName: '幸福里',
    begunAt: now - 6 * 60_000,
    count: countOf(214, 163, 4),
    grids: [
      { area: 'xingfu/xfl/g1', kind: 'grid', name: '第一网格', count: countOf(120, 101, 3) },
      { area: 'xingfu/xfl/g2', kind: 'grid', name: '第二网格', count: countOf(94, 62, 1) },
    ],
  };
}

/** What a wall of the made-up town shows; masked as the cloud masks it. */
export function wallOf(world: World): WallView {
  const { stream, at, lastClosedAt } = snapshotOf(world);
  const overview = overviewOf(world);
  return {
    stream,
    at,
    lastClosedAt,
    incidents: overview.incidents.map(maskIncident),
    areas: overview.areas,
    gateways: overview.gateways,
    alarmsPerHour: overview.alarmsPerHour,
    devices: tallyOf(world.devices),
    alarmsTenMinutes: 4,
    dispatchersOnDuty: 2,
    people: {
      onDuty: responders.filter(({ onDuty }) => onDuty).length,
      underWay: responders.filter(({ legState }) => legState === 'en-route').length,
      onScene: responders.filter(({ legState }) => legState === 'on-scene').length,
    },
    calls: world.calling ? [callAt(world.now)] : [],
    floods: [],
  };
}
