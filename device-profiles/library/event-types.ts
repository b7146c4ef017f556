import type { Branch, EventSource } from '../vocabulary/message.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** The type of an event's end. */
export function endOf(type: string): string {
  return `${type}.end`;
}

/** All events a branch can give. */
export function eventSources({ event, each }: Branch): EventSource[] {
  return [event ?? [], [each ?? []].flat().map((records) => records.event ?? [])].flat(2);
}

/** The types an event source can give, without their ends. */
export function typesOf({ maps }: Profile, { type, map }: EventSource): string[] {
  if (type !== undefined) return [type];
  return map !== undefined && Object.hasOwn(maps, map) ? Object.values(maps[map] ?? {}).map((entry) => entry.type) : [];
}

/** Events that the gateway makes itself, of every profile that has a counter or a time of its own. */
export function ownEvents({ points, time }: Profile): string[] {
  const hasCounter = Object.values(points).some(({ kind }) => kind === 'counter');
  const counters = hasCounter ? ['counter.wrapped', 'counter.reset', 'counter.replaced'] : [];
  return time === undefined || time.trust === 'none' ? counters : [...counters, 'clock.wrong', 'clock.right'];
}
