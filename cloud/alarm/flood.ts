import type { FloodGroup } from '@yihu/device-profiles/vocabulary/flood.ts';
import { type Hazard, isLifeSafety, levelOf, type Severity } from '@yihu/device-profiles/vocabulary/severity.ts';

const minute = 60_000;

/**
 * ISA-18.2: more than ten alarms in ten minutes is more than one operator can deal with, and it is over below five. A burst is
 * seen at once, not after ten minutes.
 */
export const floodLimits = {
  spanMs: 10 * minute,
  beginsAbove: 10,
  endsBelow: 5,
  burstMs: minute,
  burstAbove: 30,
  /** Groups on a dispatcher's screen, never more. */
  groups: 20,
} as const;

/** New alarms of a community that people were to hear of. */
export interface Load {
  readonly inSpan: number;
  readonly inBurst: number;
  /** Dispatchers on duty there; nobody counts as one. */
  readonly operators: number;
}

/** 洪峰: whether the community is in a flood after this. */
export function isFlood(was: boolean, { inSpan, inBurst, operators }: Load): boolean {
  const hands = Math.max(1, operators);
  if (was) return inSpan >= floodLimits.endsBelow * hands;
  return inSpan > floodLimits.beginsAbove * hands || inBurst > floodLimits.burstAbove * hands;
}

/** A flood is one community's: the street's code and the community's. */
export function communityOf(area: string): string {
  return area.split('/').slice(0, 2).join('/');
}

/** In a flood these are brought together; what threatens a life stays in full (rule 7). */
export function isGrouped(hazard: Hazard): boolean {
  return !isLifeSafety(hazard);
}

/** Open alarms of one kind in one area. */
export interface FloodCount {
  readonly hazard: Hazard;
  readonly area: string;
  readonly alarms: number;
  readonly active: number;
  readonly unacked: number;
  readonly worst: Severity;
}

/**
 * At most `floodLimits.groups` groups, the gravest and largest first: by kind and area, and by ever larger areas until they
 * fit. Nothing is left out: the counts add up to what came in.
 */
export function floodGroups(counts: readonly FloodCount[]): FloodGroup[] {
  for (let depth = deepest(counts); ; depth -= 1) {
    const groups = mergeAt(counts, depth);
    if (groups.length <= floodLimits.groups || depth <= 1) return groups.sort(gravest);
  }
}

function deepest(counts: readonly FloodCount[]): number {
  return Math.max(1, ...counts.map(({ area }) => area.split('/').length));
}

function mergeAt(counts: readonly FloodCount[], depth: number): FloodGroup[] {
  const groups = new Map<string, FloodSum>();
  for (const count of counts) {
    const area = count.area.split('/').slice(0, depth).join('/');
    const key = `${count.hazard}@${area}`;
    const sum = groups.get(key);
    if (sum) add(sum, count);
    else groups.set(key, { ...count, key, area });
  }
  return [...groups.values()];
}

type FloodSum = { -readonly [K in keyof FloodGroup]: FloodGroup[K] };

function add(sum: FloodSum, count: FloodCount): void {
  sum.alarms += count.alarms;
  sum.active += count.active;
  sum.unacked += count.unacked;
  if (levelOf(count.worst) < levelOf(sum.worst)) sum.worst = count.worst;
}

function gravest(a: FloodGroup, b: FloodGroup): number {
  return levelOf(a.worst) - levelOf(b.worst) || b.alarms - a.alarms || (a.key < b.key ? -1 : 1);
}
