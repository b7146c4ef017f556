import { z } from 'zod';
import { Basis, Origin, PersonField, Source } from './registry-person.ts';

const time = z.number().int();

/** What may be shared of people, field by field. Identity numbers are not among them: whoever needs one asks for one person's. */
export const ShareField = z.enum(['place', 'name', 'phone', 'sex', 'age', 'role', 'tags', 'needs']);
export type ShareField = z.infer<typeof ShareField>;

/** 数据集 of the sharing catalogue. */
export const DataSet = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    areaName: z.string(),
    name: z.string(),
    fields: z.array(ShareField),
    basis: Basis,
    by: z.string(),
    at: time,
    retiredAt: time.nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'DataSet' });
export type DataSet = z.infer<typeof DataSet>;

/** 共享申请: who wants what of it, what for, and until when somebody else agreed. */
export const ShareRequest = z
  .strictObject({
    id: z.string(),
    dataSet: z.string(),
    consumer: z.string(),
    purpose: z.string(),
    basis: Basis,
    fields: z.array(ShareField),
    state: z.enum(['requested', 'approved', 'refused', 'ended']),
    requestedBy: z.string(),
    requestedAt: time,
    decidedBy: z.string().nullable(),
    decidedAt: time.nullable(),
    reason: z.string().nullable(),
    untilAt: time.nullable(),
    uses: z.number().int(),
    version: z.number().int(),
  })
  .meta({ id: 'ShareRequest' });
export type ShareRequest = z.infer<typeof ShareRequest>;

export const ShareUse = z
  .strictObject({ by: z.string(), fields: z.array(ShareField), people: z.number().int(), at: time })
  .meta({ id: 'ShareUse' });
export type ShareUse = z.infer<typeof ShareUse>;

/** A page of what was agreed: the agreed fields in their order, one row per person. */
export const SharedRows = z
  .strictObject({
    fields: z.array(ShareField),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
    next: z.string().nullable(),
  })
  .meta({ id: 'SharedRows' });
export type SharedRows = z.infer<typeof SharedRows>;

/** 采集表: what a department asks people for. */
export const Form = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    name: z.string(),
    owner: z.string(),
    fields: z.array(PersonField),
    retiredAt: time.nullable(),
  })
  .meta({ id: 'Form' });
export type Form = z.infer<typeof Form>;

/** A form as it lies before somebody at a door: what is known stands in it already, masked, with where it came from. */
export const PrefilledForm = z
  .strictObject({
    form: Form,
    person: z.string(),
    version: z.number().int(),
    known: z.array(z.strictObject({ field: PersonField, shown: z.string(), origin: Origin.nullable() })),
    /** What is left to ask. */
    ask: z.array(PersonField),
  })
  .meta({ id: 'PrefilledForm' });
export type PrefilledForm = z.infer<typeof PrefilledForm>;

/** 重复采集: what was asked though it was known, by whom and how often. */
export const AskedTwice = z
  .strictObject({
    field: PersonField,
    source: Source,
    form: z.string().nullable(),
    formName: z.string().nullable(),
    times: z.number().int(),
    people: z.number().int(),
    lastAt: time,
  })
  .meta({ id: 'AskedTwice' });
export type AskedTwice = z.infer<typeof AskedTwice>;
