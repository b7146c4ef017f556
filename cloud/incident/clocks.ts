import type { IncidentClocks } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';

const ends: readonly unknown[] = ['resolved', 'closed', 'false-alarm', 'cancelled', 'merged'];

/** The clocks of an incident as its timeline tells them. */
export function clocksOf({
  openedAt,
  ackedAt,
  dispatchedAt,
  timeline,
}: Pick<IncidentDetail, 'openedAt' | 'ackedAt' | 'dispatchedAt' | 'timeline'>): IncidentClocks {
  const since = (at: number | null | undefined) => (at === null || at === undefined ? null : Math.max(0, at - openedAt));
  const reached = (wanted: (to: unknown) => boolean) =>
    timeline.find(({ kind, data }) => kind === 'state' && wanted(data['to']))?.at;
  return {
    toAck: since(ackedAt),
    toDispatch: since(dispatchedAt),
    toScene: since(timeline.find(({ kind, data }) => kind !== 'note' && data['to'] === 'on-scene')?.at),
    toControl: since(reached((to) => to === 'controlled')),
    toEnd: since(reached((to) => ends.includes(to))),
  };
}
