import type { Alarm, AlarmSnapshot } from '@yihu/device-profiles/vocabulary/alarm.ts';

/** Pictures of an incident, oldest first; one that several alarms share is there once. Pure. */
export function shotsOf(alarms: readonly Pick<Alarm, 'snapshots'>[]): AlarmSnapshot[] {
  const byId = new Map(alarms.flatMap(({ snapshots = [] }) => snapshots.map((shot) => [shot.id, shot] as const)));
  return [...byId.values()].sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
}

/** The one to begin with: the newest that can be looked at; else the newest, which says why there is none. */
export function firstShot(shots: readonly AlarmSnapshot[]): AlarmSnapshot | undefined {
  return shots.findLast(({ state }) => state === 'here') ?? shots.at(-1);
}

/** The one `by` steps away, and no further than the ends. */
export function stepped(shots: readonly AlarmSnapshot[], id: string, by: -1 | 1): string {
  const index = shots.findIndex((shot) => shot.id === id);
  return shots[Math.min(shots.length - 1, Math.max(0, index + by))]?.id ?? id;
}

export function addressOf(id: string): string {
  return `/api/snapshots/${encodeURIComponent(id)}`;
}
