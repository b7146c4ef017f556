import { z } from 'zod';
import { capLimits } from './limits.ts';
import { parseOffsetTime } from './time.ts';

/**
 * A CAP 1.2 message as data (OASIS Common Alerting Protocol Version 1.2, §3.2). Every rule a message is read by is a rule it
 * is written by: what we send is parsed by this schema first.
 */
const text = (max: number) => z.string().min(1).max(max);

/** §3.2.1: no spaces, commas, `<` or `&`, so that it can stand in `references`. */
const Identity = z
  .string()
  .max(capLimits.identityLength)
  .regex(/^[^\s,<&]+$/, 'must not be empty or contain spaces, commas, < or &');

/** §3.3.2: the offset is always written, and "Z" is not an offset. */
export const OffsetTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}$/, 'must be YYYY-MM-DDThh:mm:ss±hh:mm (not Z)')
  .refine((written) => parseOffsetTime(written) !== null, 'is no time of the calendar');

const msgTypes = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'] as const;
export const statuses = ['Actual', 'Exercise', 'System', 'Test', 'Draft'] as const;
export const categories = [
  'Geo',
  'Met',
  'Safety',
  'Security',
  'Rescue',
  'Fire',
  'Health',
  'Env',
  'Transport',
  'Infra',
  'CBRNE',
  'Other',
] as const;
const responseTypes = ['Shelter', 'Evacuate', 'Prepare', 'Execute', 'Avoid', 'Monitor', 'Assess', 'AllClear', 'None'] as const;
/** The four colours are the Chinese profile's words for the four levels (GB/T 35965.1-2018). */
export const severities = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown', 'Red', 'Orange', 'Yellow', 'Blue'] as const;

const Pair = z.strictObject({ valueName: text(200), value: text(1000) });

/** Longitude and latitude in degrees (WGS 84), not closed by repeating its first point, as outlines are kept here. */
const Ring = z.array(z.tuple([z.number(), z.number()]));
export type Ring = z.infer<typeof Ring>;

export const CapArea = z.strictObject({
  areaDesc: text(capLimits.textLength),
  polygon: z.array(Ring),
  circle: z.array(z.strictObject({ lat: z.number(), lon: z.number(), km: z.number() })),
  geocode: z.array(Pair).max(capLimits.geocodes),
});
export type CapArea = z.infer<typeof CapArea>;

export const CapInfo = z.strictObject({
  language: text(40).optional(),
  category: z.array(z.enum(categories)).min(1),
  event: text(capLimits.textLength),
  responseType: z.array(z.enum(responseTypes)),
  urgency: z.enum(['Immediate', 'Expected', 'Future', 'Past', 'Unknown']),
  severity: z.enum(severities),
  certainty: z.enum(['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown', 'Very Likely']),
  eventCode: z.array(Pair),
  effective: OffsetTime.optional(),
  onset: OffsetTime.optional(),
  expires: OffsetTime.optional(),
  senderName: text(200).optional(),
  headline: text(capLimits.textLength).optional(),
  description: text(capLimits.longTextLength).optional(),
  instruction: text(capLimits.longTextLength).optional(),
  web: text(capLimits.textLength).optional(),
  contact: text(capLimits.textLength).optional(),
  parameter: z.array(Pair),
  area: z.array(CapArea).max(capLimits.areas),
});
export type CapInfo = z.infer<typeof CapInfo>;

const Reference = z.strictObject({ sender: Identity, identifier: Identity, sent: OffsetTime });
export type CapReference = z.infer<typeof Reference>;

export const CapMessage = z
  .strictObject({
    identifier: Identity,
    sender: Identity,
    sent: OffsetTime,
    status: z.enum(statuses),
    msgType: z.enum(msgTypes),
    source: text(200).optional(),
    scope: z.enum(['Public', 'Restricted', 'Private']),
    restriction: text(capLimits.textLength).optional(),
    addresses: text(capLimits.textLength).optional(),
    code: z.array(text(200)),
    note: text(capLimits.longTextLength).optional(),
    references: z.array(Reference).max(capLimits.references),
    incidents: text(capLimits.longTextLength).optional(),
    info: z.array(CapInfo).max(capLimits.infos),
  })
  .superRefine((message, context) => {
    const wrong = (path: string, says: string) => context.addIssue({ code: 'custom', path: [path], message: says });
    const refers = message.msgType !== 'Alert';
    if (refers && message.references.length === 0) wrong('references', `is needed by a message of type ${message.msgType}`);
    if (message.scope === 'Restricted' && message.restriction === undefined)
      wrong('restriction', 'is needed by scope Restricted');
    if (message.scope === 'Private' && message.addresses === undefined) wrong('addresses', 'is needed by scope Private');
    const needsInfo = message.msgType === 'Alert' || message.msgType === 'Update';
    if (needsInfo && message.info.length === 0) wrong('info', `is needed by a message of type ${message.msgType}`);
  });
export type CapMessage = z.infer<typeof CapMessage>;

/** The namespace of version 1.2, and of no other. */
export const capNamespace = 'urn:oasis:names:tc:emergency:cap:1.2';
