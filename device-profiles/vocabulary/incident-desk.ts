import { z } from 'zod';
import { CallState } from './call.ts';
import { ExportSignature } from './export-signature.ts';
import { IncidentDetail, TimelineLine } from './incident.ts';
import { TaskDetail } from './task.ts';

const time = z.number().int();

/** 接报 of a confirmed fire by the fire command centre (GB 50440): once per incident. */
export const OnwardReport = z
  .strictObject({
    incident: z.string(),
    receiver: z.string(),
    how: z.enum(['phone', 'network']),
    text: z.string(),
    byName: z.string(),
    at: time,
  })
  .meta({ id: 'OnwardReport' });
export type OnwardReport = z.infer<typeof OnwardReport>;

/** 查岗: is somebody at the desk? `late` was answered after the time, `missed` not at all. */
export const PostCheck = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    areaName: z.string(),
    /** The number to type. */
    question: z.string(),
    askedAt: time,
    askedByName: z.string(),
    answerBy: time,
    answeredAt: time.nullable(),
    answeredByName: z.string().nullable(),
    wrong: z.number().int(),
    state: z.enum(['asked', 'answered', 'late', 'missed']),
  })
  .meta({ id: 'PostCheck' });
export type PostCheck = z.infer<typeof PostCheck>;

/** 清点 of everybody sent to an incident. */
export const RollCall = z
  .strictObject({
    id: z.string(),
    incident: z.string(),
    at: time,
    byName: z.string(),
    answerBy: time,
    people: z.array(
      z.strictObject({
        person: z.string(),
        name: z.string(),
        state: z.enum(['asked', 'safe', 'help', 'silent']),
        at: time.nullable(),
        note: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'RollCall' });
export type RollCall = z.infer<typeof RollCall>;

/** The clocks of an incident, ms from its opening; null where it did not come to that. */
export const IncidentClocks = z.strictObject({
  toAck: z.number().int().nullable(),
  toDispatch: z.number().int().nullable(),
  toScene: z.number().int().nullable(),
  toControl: z.number().int().nullable(),
  toEnd: z.number().int().nullable(),
});
export type IncidentClocks = z.infer<typeof IncidentClocks>;

/** A call as its incident's report holds it. */
export const CallChain = z
  .strictObject({ id: z.string(), number: z.string(), title: z.string(), state: CallState, timeline: z.array(TimelineLine) })
  .meta({ id: 'CallChain' });
export type CallChain = z.infer<typeof CallChain>;

/** 事后报告: all that is known, so that it can be read, and checked with `yihu-cloud verify`, without the server. */
export const IncidentReport = IncidentDetail.extend({
  schema: z.literal('yihu-report/1'),
  madeAt: time,
  clocks: IncidentClocks,
  tasks: z.array(TaskDetail),
  onward: OnwardReport.nullable(),
  rollCalls: z.array(RollCall),
  /** Those that became part of it, each with its own chain. */
  merged: z.array(IncidentDetail),
  /** The calls of it, each with its own chain; the incident's names lines of it by number and hash. */
  calls: z.array(CallChain),
  /** Absent where it was made before exports were signed. */
  signed: ExportSignature.optional(),
}).meta({ id: 'IncidentReport' });
export type IncidentReport = z.infer<typeof IncidentReport>;
