import { z } from 'zod';
import { Leg, TimelineLine } from './incident.ts';
import { Photo } from './photo.ts';
import { Text } from './text.ts';

/** 任务: 出动 dispatch, 工单 work-order, 巡查 patrol, 走访 visit, 敲门 door-knock: one engine for all of them. */
const taskKinds = ['dispatch', 'work-order', 'patrol', 'visit', 'door-knock'] as const;
export const TaskKind = z.enum(taskKinds);
export type TaskKind = z.infer<typeof TaskKind>;

/** `created`: nobody has it, and somebody is looked for. */
export const taskStates = ['created', 'offered', 'accepted', 'en-route', 'on-scene', 'done', 'verified', 'cancelled'] as const;
export const TaskState = z.enum(taskStates);
export type TaskState = z.infer<typeof TaskState>;

export const taskMoves = [
  'offer',
  'accept',
  'decline',
  'expire',
  'set-out',
  'arrive',
  'finish',
  'transfer',
  'verify',
  'return',
  'cancel',
] as const;
export const TaskMove = z.enum(taskMoves);
export type TaskMove = z.infer<typeof TaskMove>;

/** `person`: who has the task; `desk`: who sends people; `clock`: nobody, a time has come. */
type TaskHand = 'person' | 'desk' | 'clock';

/** 任务的生命 as one table: move → from[] → to, and whose move it is. Buttons, API checks, tests and docs read it. */
export const taskLife: Record<
  TaskMove,
  { from: readonly TaskState[]; to: TaskState; by: TaskHand; needsReason: boolean; needsPerson: boolean }
> = {
  offer: { from: ['created'], to: 'offered', by: 'desk', needsReason: false, needsPerson: true },
  accept: { from: ['offered'], to: 'accepted', by: 'person', needsReason: false, needsPerson: false },
  /** 不能去, also after it was taken: the next candidate is asked. */
  decline: {
    from: ['offered', 'accepted', 'en-route', 'on-scene'],
    to: 'created',
    by: 'person',
    needsReason: true,
    needsPerson: false,
  },
  expire: { from: ['offered'], to: 'created', by: 'clock', needsReason: false, needsPerson: false },
  'set-out': { from: ['offered', 'accepted'], to: 'en-route', by: 'person', needsReason: false, needsPerson: false },
  arrive: { from: ['offered', 'accepted', 'en-route'], to: 'on-scene', by: 'person', needsReason: false, needsPerson: false },
  finish: { from: ['on-scene'], to: 'done', by: 'person', needsReason: false, needsPerson: false },
  /** 转派 to another person. */
  transfer: {
    from: ['offered', 'accepted', 'en-route', 'on-scene'],
    to: 'offered',
    by: 'desk',
    needsReason: true,
    needsPerson: true,
  },
  /** 核查: what was done is looked at, and is enough. */
  verify: { from: ['done'], to: 'verified', by: 'desk', needsReason: false, needsPerson: false },
  /** 退回重办 to the same person. */
  return: { from: ['done'], to: 'accepted', by: 'desk', needsReason: true, needsPerson: false },
  cancel: {
    from: ['created', 'offered', 'accepted', 'en-route', 'on-scene'],
    to: 'cancelled',
    by: 'desk',
    needsReason: true,
    needsPerson: false,
  },
};

const time = z.number().int();

/** 点位 of a patrol, a thing to look at: each is ticked, or named as missed when the task is done. */
export const TaskCheck = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(['pending', 'fine', 'trouble', 'missed']),
  at: time.nullable(),
  note: z.string().nullable(),
});
export type TaskCheck = z.infer<typeof TaskCheck>;

export const TaskSummary = z
  .strictObject({
    id: z.string(),
    kind: TaskKind,
    state: TaskState,
    title: Text,
    note: z.string().nullable(),
    area: z.string(),
    areaName: z.string(),
    place: z.string(),
    /** Degrees, WGS 84. */
    position: z.strictObject({ lon: z.number(), lat: z.number() }).nullable(),
    /** What it came of. */
    source: z.strictObject({ kind: z.enum(['incident', 'call', 'plan', 'hand', 'report']), id: z.string() }),
    incident: z.string().nullable(),
    /** Who has it or is asked. */
    person: z.string().nullable(),
    personName: z.string().nullable(),
    /** Until when the person asked may answer; then the next one is. */
    offeredUntil: time.nullable(),
    dueAt: time.nullable(),
    createdAt: time,
    createdByName: z.string(),
    updatedAt: time,
    /** Why nobody has it, where nobody has. */
    trouble: Text.nullable(),
    /** Whether somebody else looks at it when it is done. */
    checked: z.boolean(),
    checks: z.array(TaskCheck),
    legs: z.array(Leg),
    /** Taken by whoever went, or by the resident it came of; absent where there are none. */
    photos: z.array(Photo).optional(),
    version: z.number().int(),
  })
  .meta({ id: 'TaskSummary' });
export type TaskSummary = z.infer<typeof TaskSummary>;

/** `timeline` is the task's own chain; a task of an incident writes on that of the incident. */
export const TaskDetail = TaskSummary.extend({ timeline: z.array(TimelineLine) }).meta({ id: 'TaskDetail' });
export type TaskDetail = z.infer<typeof TaskDetail>;

/** Somebody who could be sent, in the order they would be asked. `located` says how good the distance is. */
export const TaskCandidate = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    onDuty: z.boolean(),
    /** On another errand now. */
    busy: z.boolean(),
    /** 在班 by the roster now. */
    rostered: z.boolean(),
    located: z.enum(['fresh', 'stale', 'unknown']),
    /** Straight line; null where it is not known where the person or the place is. */
    metres: z.number().int().nullable(),
    locatedAt: time.nullable(),
    /** What came of it where this person was asked for this task already. */
    asked: z.enum(['declined', 'expired']).nullable(),
  })
  .meta({ id: 'TaskCandidate' });
export type TaskCandidate = z.infer<typeof TaskCandidate>;

/** True while somebody still has to do something. */
export function isTaskOpen(task: Pick<TaskSummary, 'state' | 'checked'>): boolean {
  return !(task.state === 'verified' || task.state === 'cancelled' || (task.state === 'done' && !task.checked));
}
