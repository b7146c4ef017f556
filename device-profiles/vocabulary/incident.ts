import { z } from 'zod';
import { Alarm, Disposition } from './alarm.ts';
import { Photo } from './photo.ts';
import { Hazard, Severity } from './severity.ts';
import { Text } from './text.ts';

/** 事件 (incident): n alarms, one place, one commander. */
export const incidentStates = [
  'open',
  'confirmed',
  'dispatched',
  'on-scene',
  'controlled',
  'resolved',
  'closed',
  'false-alarm',
  'cancelled',
  'merged',
] as const;
export const IncidentState = z.enum(incidentStates);
export type IncidentState = z.infer<typeof IncidentState>;

export const incidentMoves = [
  'confirm',
  'dispatch',
  'arrive',
  'control',
  'resolve',
  'close',
  'false-alarm',
  'cancel',
  'reopen',
] as const;
export const IncidentMove = z.enum(incidentMoves);
export type IncidentMove = z.infer<typeof IncidentMove>;

/** The life as one table: move → from[] → to. Buttons, API checks, tests and docs read it. */
export const incidentLife: Record<IncidentMove, { from: readonly IncidentState[]; to: IncidentState; needsReason: boolean }> = {
  confirm: { from: ['open'], to: 'confirmed', needsReason: false },
  dispatch: { from: ['open', 'confirmed', 'dispatched', 'on-scene', 'controlled'], to: 'dispatched', needsReason: false },
  arrive: { from: ['dispatched'], to: 'on-scene', needsReason: false },
  control: { from: ['confirmed', 'dispatched', 'on-scene'], to: 'controlled', needsReason: false },
  resolve: { from: ['confirmed', 'dispatched', 'on-scene', 'controlled'], to: 'resolved', needsReason: false },
  close: { from: ['resolved'], to: 'closed', needsReason: false },
  'false-alarm': {
    from: ['open', 'confirmed', 'dispatched', 'on-scene', 'controlled', 'resolved'],
    to: 'false-alarm',
    needsReason: true,
  },
  cancel: { from: ['open', 'confirmed', 'dispatched'], to: 'cancelled', needsReason: true },
  reopen: { from: ['resolved', 'closed', 'false-alarm', 'cancelled'], to: 'confirmed', needsReason: true },
};

export function canMove(move: IncidentMove, state: IncidentState): boolean {
  return incidentLife[move].from.includes(state);
}

/** True while somebody still has to do something. */
export function isOpen(state: IncidentState): boolean {
  return !['closed', 'false-alarm', 'cancelled', 'merged'].includes(state);
}

const time = z.number().int();

/** What a line says: longer than a name, since it tells who could not be sent and why. */
const LineText = z.strictObject({ zh: z.string().min(1).max(4_000), en: z.string().min(1).max(4_000).optional() });

/** 时间线: append-only and hash-chained. `edgeAt` is the gateway's clock where the line began at a device. */
export const TimelineLine = z
  .strictObject({
    seq: z.number().int(),
    at: time,
    edgeAt: time.nullable(),
    kind: z.enum([
      'alarm-raised',
      'alarm-changed',
      'alarm-cleared',
      'alarm-acked',
      'alarm-moved',
      'state',
      'dispatch',
      'step',
      'note',
      'escalation',
      /** 联动: what the gateway had a device do. */
      'act',
      /** 呼叫: a line of a call's own chain, by its number and hash. */
      'call',
    ]),
    actor: z.string().nullable(),
    actorName: z.string().nullable(),
    text: LineText,
    data: z.record(z.string(), z.unknown()),
    hash: z.string(),
  })
  .meta({ id: 'TimelineLine' });
export type TimelineLine = z.infer<typeof TimelineLine>;

/** 预案步骤 */
export const PlanStep = z
  .strictObject({
    id: z.string(),
    text: Text,
    role: z.string(),
    state: z.enum(['pending', 'in-progress', 'done', 'skipped', 'blocked']),
    dueAt: time.nullable(),
    doneAt: time.nullable(),
    by: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'PlanStep' });
export type PlanStep = z.infer<typeof PlanStep>;

/** 出动: one person sent to one incident. */
export const Leg = z
  .strictObject({
    id: z.string(),
    person: z.string(),
    personName: z.string(),
    state: z.enum(['offered', 'accepted', 'en-route', 'on-scene', 'done', 'declined', 'expired', 'cancelled']),
    at: time,
  })
  .meta({ id: 'Leg' });
export type Leg = z.infer<typeof Leg>;

export const IncidentSummary = z
  .strictObject({
    id: z.string(),
    /** Short number people say on the radio, e.g. 20261123-07. */
    number: z.string(),
    title: Text,
    hazard: Hazard,
    severity: Severity,
    state: IncidentState,
    area: z.string(),
    areaName: z.string(),
    place: z.string(),
    openedAt: time,
    /** Edge time of the first alarm. */
    edgeAt: time,
    updatedAt: time,
    ackedAt: time.nullable(),
    dispatchedAt: time.nullable(),
    alarmCount: z.number().int(),
    activeCount: z.number().int(),
    unackedCount: z.number().int(),
    /** Children of a root cause, e.g. the devices of a lost gateway. */
    childCount: z.number().int(),
    commander: z.string().nullable(),
    legs: z.array(Leg),
    disposition: Disposition,
    version: z.number().int(),
  })
  .meta({ id: 'IncidentSummary' });
export type IncidentSummary = z.infer<typeof IncidentSummary>;

export const IncidentDetail = IncidentSummary.extend({
  alarms: z.array(Alarm),
  steps: z.array(PlanStep),
  timeline: z.array(TimelineLine),
  /** 封存: its lines are past their term and gone; where the chain stood then, to hold an earlier export against. */
  sealed: z.strictObject({ lines: z.number().int(), hash: z.string(), at: time }).optional(),
  /** Taken by those who were sent; absent where there are none. */
  photos: z.array(Photo).optional(),
  moves: z.array(
    z.strictObject({
      move: IncidentMove,
      allowed: z.boolean(),
      /** The Chinese sentence alone. */
      why: z.string().nullable(),
      /** The same for readers of either language. */
      whyText: Text.nullable().optional(),
    }),
  ),
}).meta({ id: 'IncidentDetail' });
export type IncidentDetail = z.infer<typeof IncidentDetail>;
