import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { CallState, CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Flood } from '@yihu/device-profiles/vocabulary/flood.ts';
import { type IncidentSummary, isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import { levelOf, type Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { testAlarmId } from '@yihu/device-profiles/vocabulary/witness.ts';
import type { GatewayView, Responder, Role, Snapshot, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';

/** What the desk knows, as plain data; everything here is pure. */
export interface Board {
  incidents: Record<string, IncidentSummary>;
  gateways: Record<string, GatewayView>;
  responders: Record<string, Responder>;
  devices: Snapshot['devices'];
  shelved: number;
  /** The shelved alarms themselves, once they are read. */
  shelves: Record<string, Alarm> | null;
  lastClosedAt: number | null;
  /** 呼叫 that are not over, once they are read. */
  calls: Record<string, CallSummary> | null;
  /** Those that last. The alarms grouped in them are on no other list. */
  floods: Record<string, Flood>;
  /** 告警试验: an installer is trying the path, and waits for somebody here. */
  tests: Record<string, Alarm>;
}

const byId = <T extends { id: string }>(items: readonly T[]): Record<string, T> =>
  Object.fromEntries(items.map((item) => [item.id, item]));

export function boardOf(snapshot: Snapshot): Board {
  return {
    incidents: byId(snapshot.incidents),
    gateways: byId(snapshot.gateways),
    responders: byId(snapshot.responders),
    devices: snapshot.devices,
    shelved: snapshot.shelved,
    shelves: null,
    lastClosedAt: snapshot.lastClosedAt,
    calls: null,
    floods: byId(snapshot.floods ?? []),
    tests: {},
  };
}

/** A replay may bring an older version after a newer one: the newer stays. */
function withIncident(board: Board, incident: IncidentSummary): Board {
  const known = board.incidents[incident.id];
  if (known !== undefined && known.version > incident.version) return board;
  const justClosed = !isOpen(incident.state) && (known === undefined || isOpen(known.state));
  return {
    ...board,
    incidents: { ...board.incidents, [incident.id]: incident },
    lastClosedAt: justClosed ? Math.max(board.lastClosedAt ?? 0, incident.updatedAt) : board.lastClosedAt,
  };
}

/** What is put on the shelf appears there at once, and leaves when its time is over or somebody takes it down. */
function withShelf(board: Board, alarm: Alarm): Board {
  if (board.shelves === null) return board;
  const { [alarm.id]: known, ...others } = board.shelves;
  if (alarm.shelf === null && known === undefined) return board;
  if (known !== undefined && known.version > alarm.version) return board;
  const shelves = alarm.shelf === null ? others : { ...others, [alarm.id]: alarm };
  // The count may be of more than are listed.
  const more = Object.keys(shelves).length - Object.keys(board.shelves).length;
  return { ...board, shelves, shelved: board.shelved + more };
}

/** It stays until it is acknowledged or over. */
function withTest(board: Board, alarm: Alarm): Board {
  if (alarm.alarm !== testAlarmId) return board;
  const { [alarm.id]: known, ...others } = board.tests;
  if (known !== undefined && known.version > alarm.version) return board;
  const waits = alarm.active && alarm.ack === null && alarm.disposition === 'test';
  return { ...board, tests: waits ? { ...others, [alarm.id]: alarm } : others };
}

function withFlood(board: Board, flood: Flood): Board {
  const { [flood.id]: _before, ...others } = board.floods;
  return { ...board, floods: flood.endedAt === null ? { ...others, [flood.id]: flood } : others };
}

/** A call in one of these still asks something of the desk: to be approved, to be followed, to be stood down. */
export const openCalls: readonly CallState[] = ['draft', 'waiting', 'scheduled', 'sending', 'sent'];

/** The counts of a call change without its version; the stream brings them in their order. */
function withCall(board: Board, call: CallSummary): Board {
  if (board.calls === null || (board.calls[call.id]?.version ?? 0) > call.version) return board;
  const { [call.id]: _before, ...others } = board.calls;
  return { ...board, calls: openCalls.includes(call.state) ? { ...others, [call.id]: call } : others };
}

/** The board after one event of the stream. */
export function heard(board: Board, event: StreamEvent): Board {
  switch (event.type) {
    case 'incident':
      return withIncident(board, event.incident);
    case 'gateway':
      return { ...board, gateways: { ...board.gateways, [event.gateway.id]: event.gateway } };
    case 'responder':
      return { ...board, responders: { ...board.responders, [event.responder.id]: event.responder } };
    case 'alarm':
      return withTest(withShelf(board, event.alarm), event.alarm);
    case 'call':
      return withCall(board, event.call);
    // Of these only the open pane wants to know.
    case 'call-count':
    case 'task':
    case 'device':
    case 'beat':
    case 'resync':
      return board;
    case 'flood':
      return withFlood(board, event.flood);
    case 'counts':
      return { ...board, devices: event.devices };
    default:
      // An event of a newer cloud is nothing to this screen, and no reason to lose its board.
      return board;
  }
}

export function isUnacked(incident: IncidentSummary): boolean {
  return isOpen(incident.state) && (incident.state === 'open' || incident.unackedCount > 0);
}

/** Unacknowledged first, then the graver level, then the longer wait. */
export function queueOf(board: Board): IncidentSummary[] {
  return Object.values(board.incidents)
    .filter((incident) => isOpen(incident.state))
    .sort(
      (a, b) =>
        Number(isUnacked(b)) - Number(isUnacked(a)) ||
        levelOf(a.severity) - levelOf(b.severity) ||
        a.openedAt - b.openedAt ||
        a.id.localeCompare(b.id),
    );
}

/** The queue as it stood, so that nothing moves under the hand; who is new waits at the end, who is gone goes. */
export function heldOrder(shown: readonly string[], queue: readonly IncidentSummary[]): IncidentSummary[] {
  const current = new Map(queue.map((incident) => [incident.id, incident]));
  const kept = shown.flatMap((id) => current.get(id) ?? []);
  const keptIds = new Set(shown);
  return [...kept, ...queue.filter((incident) => !keptIds.has(incident.id))];
}

export function countByLevel(queue: readonly IncidentSummary[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { critical: 0, major: 0, minor: 0, warning: 0 };
  for (const incident of queue) counts[incident.severity] += 1;
  return counts;
}

/** How many wait for an acknowledgement, and since when the longest of them has. */
export function unackedOf(queue: readonly IncidentSummary[]): { count: number; oldestAt: number | null } {
  const waiting = queue.filter(isUnacked);
  return { count: waiting.length, oldestAt: waiting.length === 0 ? null : Math.min(...waiting.map((one) => one.openedAt)) };
}

export function matches(incident: IncidentSummary, wanted: string): boolean {
  const text = `${incident.number} ${incident.title.zh} ${incident.title.en ?? ''} ${incident.place} ${incident.areaName}`;
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.toLowerCase().includes(word));
}

/** What the queue shows: what is searched for; else all, without level IV where that is folded. The chosen one always stays. */
export function shownOf(
  queue: readonly IncidentSummary[],
  filter: string,
  folded: boolean,
  selected: string | null,
): IncidentSummary[] {
  if (filter !== '') return queue.filter((incident) => matches(incident, filter));
  return folded ? queue.filter((one) => one.severity !== 'warning' || one.id === selected) : [...queue];
}

/** Those whose work is to go come before those who stay at their desks. */
const goes: readonly Role[] = ['grid-worker', 'property', 'installer'];

/** Who could go: on duty, free before busy, the nearest first. */
export function byReadiness(responders: readonly Responder[]): Responder[] {
  const rank = (one: Responder) => (one.onDuty ? (one.incident === null ? 0 : 1) : 2);
  const distance = (one: Responder) => one.metres ?? Number.POSITIVE_INFINITY;
  const post = (one: Responder) => (goes.includes(one.role) ? goes.indexOf(one.role) : goes.length);
  return [...responders].sort(
    (a, b) => rank(a) - rank(b) || distance(a) - distance(b) || post(a) - post(b) || a.name.localeCompare(b.name, 'zh'),
  );
}
