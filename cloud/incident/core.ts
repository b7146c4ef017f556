import type { IncidentSummary, TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** 事件 as kept: the summary without what is counted from its alarms and legs. */
export interface IncidentCore extends Omit<IncidentSummary, 'areaName' | 'alarmCount' | 'activeCount' | 'unackedCount' | 'legs'> {
  /** What its alarms have in common; see `groupKey`. */
  readonly group: string;
  /** Cloud time of the last raise it took in, ms since 1970 UTC. */
  readonly lastAlarmAt: number;
  /** The plan it was opened with, its version frozen. */
  readonly plan: string | null;
  readonly planVersion: number | null;
}

/** A line before it has its place in the chain. */
export interface LineDraft {
  readonly kind: TimelineLine['kind'];
  readonly text: Text;
  readonly data: TimelineLine['data'];
  readonly edgeAt?: number;
  readonly actor?: { readonly id: string; readonly name: string };
}

/** `Text` holds at most 120 characters. */
export function clip(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
