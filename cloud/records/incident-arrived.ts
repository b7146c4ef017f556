import { canMove } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Actor } from './records.ts';
import type { ResponseWork } from './response-work.ts';
import type { Rules, StoredIncident } from './rules.ts';

/** The incident after a step of somebody sent to it: the first to arrive brings it on scene. */
export function arrived(
  rules: Rules,
  work: ResponseWork,
  incident: StoredIncident,
  to: string,
  by: Actor,
  at: number,
): StoredIncident {
  if (to !== 'on-scene' || !canMove('arrive', incident.state)) return rules.incident.touched(incident, at);
  const request = { move: 'arrive' as const, version: incident.version, by, at, legId: '' };
  const moved = rules.incident.applyIncidentMove(incident, request, { alarms: work.alarmsOf(incident.id), legs: [] });
  if ('refused' in moved) return rules.incident.touched(incident, at);
  for (const line of moved.lines) work.say(incident.id, line);
  return moved.incident;
}
