import type { Point } from '../vocabulary/point.ts';
import type { Profile } from '../vocabulary/profile.ts';
import type { Finding } from './source.ts';

/** 轮询组: the points that are read together at one period. */
export interface PollGroup {
  /** The name of a group of the profile, or the period of points that have one of their own, such as `10000ms`. */
  readonly id: string;
  readonly everyMs: number;
  readonly points: readonly string[];
}

/** The period of a point and what it is read together with: its own `every` goes before that of its group. */
export function pollGroupOf(profile: Profile, point: Point): { readonly id: string; readonly everyMs: number } | undefined {
  const { every, group } = point;
  const same = Object.entries(profile.groups).find(([id, own]) => (every === undefined ? id === group : own.every === every));
  if (same !== undefined) return { id: same[0], everyMs: same[1].every };
  return every === undefined ? undefined : { id: `${every}ms`, everyMs: every };
}

/** All that is read of a device, the shortest period first. Points without a period are read by nobody. */
export function pollGroups(profile: Profile): PollGroup[] {
  const groups = new Map<string, { id: string; everyMs: number; points: string[] }>();
  for (const [id, point] of Object.entries(profile.points)) {
    const own = pollGroupOf(profile, point);
    if (own === undefined) continue;
    const group = groups.get(own.id) ?? { ...own, points: [] };
    group.points.push(id);
    groups.set(own.id, group);
  }
  return [...groups.values()].sort((a, b) => a.everyMs - b.everyMs);
}

/** A point that is asked for says how often, by a group that exists or by a period of its own. */
export function checkPeriod({ points, groups }: Profile, id: string): Finding[] {
  const { group, every, compute } = points[id] ?? {};
  if (compute !== undefined) return [];
  const path = ['points', id, 'group'];
  if (group === undefined && every === undefined) {
    return [
      {
        path,
        zh: '缺少轮询组（group）或周期（every）。',
        en: 'The poll group (or a period of its own, every) is missing.',
      },
    ];
  }
  if (group === undefined || Object.hasOwn(groups, group)) return [];
  return [{ path, zh: `没有轮询组 "${group}"。`, en: `There is no group "${group}".` }];
}
