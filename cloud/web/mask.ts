import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Responder, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { maskName, maskPhone } from '../registry/masking.ts';

/** What a reader of the stream may not read of people: nothing left out, their telephone numbers, or what a wall must not show. */
export type Mask = 'none' | 'phones' | 'wall';

export function maskResponder(responder: Responder): Responder {
  return responder.phone === null ? responder : { ...responder, phone: maskPhone(responder.phone) };
}

/** 王*: an incident as strangers in front of a wall may read it. */
export function maskIncident(incident: IncidentSummary): IncidentSummary {
  return {
    ...incident,
    commander: incident.commander === null ? null : maskName(incident.commander),
    legs: incident.legs.map((leg) => ({ ...leg, personName: maskName(leg.personName) })),
  };
}

export function maskWall(view: WallView): WallView {
  return { ...view, incidents: view.incidents.map(maskIncident) };
}

/** The event as this reader hears it; null where it is not for them at all. */
export function maskEvent(event: StreamEvent, mask: Mask): StreamEvent | null {
  if (mask === 'wall') return forWall(event);
  return mask === 'phones' && event.type === 'responder' ? { ...event, responder: maskResponder(event.responder) } : event;
}

/** Who people are, what they are asked to do and what each device says is nobody's business in front of a wall. */
const kept: ReadonlySet<StreamEvent['type']> = new Set([
  'incident',
  'gateway',
  'flood',
  'call',
  'call-count',
  'counts',
  'resync',
  'beat',
]);

function forWall(event: StreamEvent): StreamEvent | null {
  if (!kept.has(event.type)) return null;
  if (event.type === 'incident') return { ...event, incident: maskIncident(event.incident) };
  if (event.type !== 'call') return event;
  const { authorName, approverName } = event.call;
  const names = { authorName: maskName(authorName), approverName: approverName === null ? null : maskName(approverName) };
  return { ...event, call: { ...event.call, ...names } };
}
