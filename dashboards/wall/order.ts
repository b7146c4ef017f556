import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { levelOf, type Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { type Standing, standingOfArea } from '../parts/standing.ts';
import type { Overview } from '@yihu/device-profiles/vocabulary/view.ts';

export type AreaRow = Overview['areas'][number];
export const levels: readonly Severity[] = ['critical', 'major', 'minor', 'warning'];

/** The worst first, the unconfirmed before the confirmed, the longest before the newest. */
export function inOrder(incidents: readonly IncidentSummary[]): IncidentSummary[] {
  return incidents.toSorted(
    (a, b) =>
      levelOf(a.severity) - levelOf(b.severity) ||
      Number(b.state === 'open') - Number(a.state === 'open') ||
      a.openedAt - b.openedAt,
  );
}

/** Level I that somebody still has to end: it takes a third of the wall. */
export function takingOver(incidents: readonly IncidentSummary[]): IncidentSummary[] {
  return inOrder(incidents.filter(({ severity, state }) => severity === 'critical' && state !== 'resolved'));
}

export interface Community {
  readonly area: AreaRow;
  readonly buildings: readonly AreaRow[];
}

/** Communities in the order of their paths, each with its buildings by their numbers. */
export function communitiesOf(areas: readonly AreaRow[]): Community[] {
  return areas
    .filter(({ kind }) => kind === 'community')
    .map((area) => ({
      area,
      buildings: areas
        .filter(({ kind, path }) => kind === 'building' && path.startsWith(`${area.path}/`))
        .sort((a, b) => a.name.localeCompare(b.name, 'zh', { numeric: true })),
    }));
}

const order: readonly Standing[] = [...levels, 'unknown', 'none', 'normal'];

export function worstFirst(a: AreaRow, b: AreaRow): number {
  return (
    order.indexOf(standingOfArea(a)) - order.indexOf(standingOfArea(b)) || a.path.localeCompare(b.path, 'zh', { numeric: true })
  );
}
