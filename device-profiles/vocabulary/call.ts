import { z } from 'zod';
import { AreaKind } from './place.ts';
import type { Text } from './text.ts';

/** 一呼百应: one call that every household answers. Times are ms since 1970 UTC. */
const time = z.number().int();
const count = z.number().int();

export const callKinds = {
  actual: { zh: '实战', en: 'actual' },
  drill: { zh: '演练', en: 'drill' },
  test: { zh: '测试', en: 'test' },
} as const satisfies Record<string, Text>;
export const CallKind = z.enum(Object.keys(callKinds) as [keyof typeof callKinds, ...(keyof typeof callKinds)[]]);
export type CallKind = z.infer<typeof CallKind>;

export const callStates = [
  'draft',
  /** 待批准: goes beyond one grid and waits for a second person. */
  'waiting',
  'scheduled',
  'sending',
  'sent',
  'stood-down',
  'recalled',
  'superseded',
  'cancelled',
] as const;
export const CallState = z.enum(callStates);
export type CallState = z.infer<typeof CallState>;

export const callMoves = [
  'submit',
  'approve',
  'return',
  'cancel',
  'begin',
  'finish',
  'recall',
  'supersede',
  'stand-down',
] as const;
export type CallMove = (typeof callMoves)[number];

/** What people press; `begin`, `finish` and `supersede` are the system's own. */
export const CallPress = z.enum(['submit', 'approve', 'return', 'cancel', 'recall', 'stand-down']);
export type CallPress = z.infer<typeof CallPress>;

/**
 * 应答: what somebody said. `volunteer`: safe, and offers to help neighbours. `wrong-person`: the message reached somebody else,
 * so nobody has answered yet.
 */
export const answers = {
  safe: { zh: '平安', en: 'safe' },
  volunteer: { zh: '平安，能帮忙', en: 'safe, can help' },
  help: { zh: '需要帮助', en: 'needs help' },
  away: { zh: '不在家', en: 'away' },
  refused: { zh: '不愿回答', en: 'does not wish to answer' },
  'wrong-person': { zh: '不是本人', en: 'not this person' },
} as const satisfies Record<string, Text>;
export const CallAnswer = z.enum(Object.keys(answers) as [keyof typeof answers, ...(keyof typeof answers)[]]);
export type CallAnswer = z.infer<typeof CallAnswer>;

/** 落实: how one person is accounted for in the end. */
export const accounts = {
  open: { zh: '未落实', en: 'open' },
  answered: { zh: '本人应答', en: 'answered' },
  'answered-for': { zh: '他人代答', en: 'answered for' },
  found: { zh: '上门找到', en: 'found at the door' },
  away: { zh: '确知不在', en: 'known to be away' },
  unreachable: { zh: '联系不上', en: 'unreachable' },
} as const satisfies Record<string, Text>;
export const CallAccount = z.enum(Object.keys(accounts) as [keyof typeof accounts, ...(keyof typeof accounts)[]]);
export type CallAccount = z.infer<typeof CallAccount>;

/**
 * People and households of a call or of an area in it. `silent` people are those nobody has accounted for yet; `volunteers`
 * are those of the safe who can help.
 */
export const CallCount = z
  .strictObject({
    people: count,
    safe: count,
    volunteers: count,
    help: count,
    away: count,
    refused: count,
    silent: count,
    unreachable: count,
    /** Silent people who need somebody most. */
    vulnerableSilent: count,
    households: count,
    householdsDone: count,
    householdsHelp: count,
  })
  .meta({ id: 'CallCount' });
export type CallCount = z.infer<typeof CallCount>;

/** 送达: each person once, by the best that is known of the messages to them. */
export const CallDelivery = z
  .strictObject({ unsent: count, queued: count, sent: count, delivered: count, read: count, failed: count, nobody: count })
  .meta({ id: 'CallDelivery' });
export type CallDelivery = z.infer<typeof CallDelivery>;

export const CallSummary = z
  .strictObject({
    id: z.string(),
    /** Short number people say: H20261128-01. */
    number: z.string(),
    kind: CallKind,
    lifeSafety: z.boolean(),
    title: z.string(),
    /** As people read it, the mark of a drill in front. */
    text: z.string(),
    area: z.string(),
    areaName: z.string(),
    state: CallState,
    startsAt: time.nullable(),
    begunAt: time.nullable(),
    sentAt: time.nullable(),
    endedAt: time.nullable(),
    authorName: z.string(),
    approverName: z.string().nullable(),
    incident: z.string().nullable(),
    supersedes: z.string().nullable(),
    supersededBy: z.string().nullable(),
    count: CallCount,
    delivery: CallDelivery,
    createdAt: time,
    updatedAt: time,
    version: count,
  })
  .meta({ id: 'CallSummary' });
export type CallSummary = z.infer<typeof CallSummary>;

/** One area of a call, counted. */
export const CallAreaCount = z
  .strictObject({ area: z.string(), kind: AreaKind, name: z.string(), count: CallCount })
  .meta({ id: 'CallAreaCount' });
export type CallAreaCount = z.infer<typeof CallAreaCount>;

/** One person of a call. Names are whole for those who work with these people, masked for everybody else. */
export const CallPerson = z
  .strictObject({
    person: z.string(),
    name: z.string(),
    area: z.string(),
    label: z.string(),
    /** Null where this reader may not know who needs somebody most. */
    vulnerable: z.boolean().nullable(),
    answer: z.union([CallAnswer, z.literal('none')]),
    account: CallAccount,
    reason: z.string().nullable(),
    via: z.string().nullable(),
    byName: z.string().nullable(),
    answeredAt: time.nullable(),
    /** Steps taken because of silence: 1 called again, 2 the building head was asked, 3 somebody is to knock. */
    step: count,
    /** Best state of the messages to this person. */
    delivery: z.enum(['unsent', 'queued', 'sent', 'delivered', 'read', 'failed', 'nobody']),
    /** A reply nobody could count. */
    words: z.string().nullable(),
    /** Earlier answers, newest first; only of one person asked for alone. */
    history: z.array(
      z.strictObject({
        answer: CallAnswer,
        via: z.string(),
        byName: z.string().nullable(),
        note: z.string().nullable(),
        at: time,
      }),
    ),
  })
  .meta({ id: 'CallPerson' });
export type CallPerson = z.infer<typeof CallPerson>;

/** 就近: the innermost area that a need and a neighbour both lie in. */
export const CallNear = AreaKind.extract(['grid', 'building', 'unit', 'room']);
export type CallNear = z.infer<typeof CallNear>;

/** 能帮忙的邻居: somebody of the call who is safe and can help, as near as `near` to a need: both lie in the same one. */
export const CallVolunteer = z
  .strictObject({
    person: z.string(),
    name: z.string(),
    phone: z.string().nullable(),
    area: z.string(),
    label: z.string(),
    near: CallNear,
    /** What they can do, in their own words. */
    note: z.string().nullable(),
  })
  .meta({ id: 'CallVolunteer' });
export type CallVolunteer = z.infer<typeof CallVolunteer>;

/** Somebody needs help: name and telephone are whole, because somebody has to go there now. */
export const CallNeed = z
  .strictObject({
    id: z.string(),
    call: z.string(),
    person: z.string(),
    name: z.string(),
    phone: z.string().nullable(),
    area: z.string(),
    label: z.string(),
    state: z.enum(['open', 'taken', 'done']),
    people: count.nullable(),
    note: z.string().nullable(),
    at: time,
    byName: z.string().nullable(),
    outcome: z.string().nullable(),
    doneAt: time.nullable(),
    /** While it waits: those nearest by who can help, the nearest first. Nobody has asked them. */
    volunteers: z.array(CallVolunteer),
  })
  .meta({ id: 'CallNeed' });
export type CallNeed = z.infer<typeof CallNeed>;

/** 上门: a home somebody has to go to, with those who are silent in it. */
export const CallDoor = z
  .strictObject({
    area: z.string(),
    label: z.string(),
    state: z.enum(['open', 'done']),
    at: time,
    doneAt: time.nullable(),
    people: z.array(z.strictObject({ person: z.string(), name: z.string(), account: CallAccount })),
  })
  .meta({ id: 'CallDoor' });
export type CallDoor = z.infer<typeof CallDoor>;

/** 清点: how many were counted at an assembly point, as it was said last. */
export const CallPoint = z
  .strictObject({ name: z.string(), counted: count, note: z.string().nullable(), byName: z.string(), at: time })
  .meta({ id: 'CallPoint' });
export type CallPoint = z.infer<typeof CallPoint>;
