import { z } from 'zod';
import { Text } from './text.ts';

const time = z.number().int();

/** Roles that are on the roster. */
const dutyKinds = ['dispatcher', 'property', 'grid-worker'] as const;
export const DutyRole = z.enum(dutyKinds);
export type DutyRole = z.infer<typeof DutyRole>;

/** 班次: one person, one role, one area, from–to. Times are ms since 1970 UTC. */
export const Shift = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    role: DutyRole,
    person: z.string(),
    personName: z.string(),
    from: time,
    to: time,
    byName: z.string(),
  })
  .meta({ id: 'Shift' });
export type Shift = z.infer<typeof Shift>;

/** 在岗要求: so many of a role, at every hour of the day. */
export const DutyNeed = z.strictObject({ area: z.string(), role: DutyRole, least: z.number().int() }).meta({ id: 'DutyNeed' });
export type DutyNeed = z.infer<typeof DutyNeed>;

/** 缺岗: from–to so many of a role are missing. */
export const DutyGap = z
  .strictObject({ area: z.string(), role: DutyRole, from: time, to: time, missing: z.number().int() })
  .meta({ id: 'DutyGap' });
export type DutyGap = z.infer<typeof DutyGap>;

/** Who is there now. `here`: by the roster and signed in; `absent`: by the roster alone; `extra`: signed in, and not on the roster. */
export const OnDuty = z
  .strictObject({
    person: z.string(),
    name: z.string(),
    role: DutyRole,
    area: z.string(),
    state: z.enum(['here', 'absent', 'extra']),
    until: time.nullable(),
  })
  .meta({ id: 'OnDuty' });
export type OnDuty = z.infer<typeof OnDuty>;

/** One thing the next shift must know of, as it stood when the note was made. */
export const HandOverItem = z.strictObject({
  kind: z.enum(['incident', 'shelved', 'window', 'gap', 'call', 'task']),
  id: z.string(),
  text: Text,
});
export type HandOverItem = z.infer<typeof HandOverItem>;

/** 交接班记录: drafted by who goes, signed by who goes, then by who comes; after that nothing in it changes. */
export const HandOver = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    state: z.enum(['draft', 'offered', 'taken']),
    items: z.array(HandOverItem),
    notes: z.array(z.strictObject({ text: z.string(), byName: z.string(), at: time })),
    outgoing: z.string(),
    outgoingName: z.string(),
    outgoingAt: time.nullable(),
    incoming: z.string().nullable(),
    incomingName: z.string().nullable(),
    incomingAt: time.nullable(),
    createdAt: time,
    version: z.number().int(),
  })
  .meta({ id: 'HandOver' });
export type HandOver = z.infer<typeof HandOver>;

/** 力量编成 line: how many of a role an incident of this kind and level asks for, and why fewer are on it. */
export const RunCardLine = z
  .strictObject({
    role: DutyRole,
    wanted: z.number().int(),
    sent: z.number().int(),
    missing: z.number().int(),
    reason: z.enum(['nobody-on-duty', 'all-busy', 'declined', 'no-fresh-location', 'not-sent']).nullable(),
    text: Text.nullable(),
  })
  .meta({ id: 'RunCardLine' });
export type RunCardLine = z.infer<typeof RunCardLine>;

/** 需求 of an incident; met when the task that answers it is done. */
export const IncidentNeed = z
  .strictObject({
    id: z.string(),
    incident: z.string(),
    kind: z.enum(['people', 'vehicle', 'equipment', 'medical', 'shelter', 'other']),
    count: z.number().int(),
    place: z.string(),
    state: z.enum(['open', 'answered', 'met']),
    task: z.string().nullable(),
    byName: z.string(),
    at: time,
  })
  .meta({ id: 'IncidentNeed' });
export type IncidentNeed = z.infer<typeof IncidentNeed>;
