import { z } from 'zod';
import { PersonSummary } from './registry-person.ts';
import { Text } from './text.ts';

/** 房屋用途 */
export const RoomUse = z.enum(['own', 'let', 'empty', 'shop', 'office', 'unknown']);
export type RoomUse = z.infer<typeof RoomUse>;

/** 单位类别 */
export const OrganisationKind = z.enum([
  'shop',
  'company',
  'school',
  'clinic',
  'restaurant',
  'social',
  'government',
  'property',
  'other',
]);
export type OrganisationKind = z.infer<typeof OrganisationKind>;

export const RoomSummary = z
  .strictObject({
    area: z.string(),
    /** "幸福里 3-2-502" */
    label: z.string(),
    floor: z.string().nullable(),
    squareMetres: z.number().nullable(),
    use: RoomUse,
    residents: z.number().int(),
    version: z.number().int(),
  })
  .meta({ id: 'RoomSummary' });
export type RoomSummary = z.infer<typeof RoomSummary>;

export const OrganisationSummary = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    kind: OrganisationKind,
    creditCode: z.string().nullable(),
    area: z.string(),
    label: z.string(),
    closedAt: z.number().int().nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'OrganisationSummary' });
export type OrganisationSummary = z.infer<typeof OrganisationSummary>;

export const OrganisationDetail = OrganisationSummary.extend({
  /** Masked: a name and a number belong to a person. */
  contact: z.strictObject({ name: z.string(), phone: z.string() }).nullable(),
  staff: z.array(PersonSummary),
}).meta({ id: 'OrganisationDetail' });
export type OrganisationDetail = z.infer<typeof OrganisationDetail>;

/** A house and everything that hangs on it: people, organisations, devices. */
export const RoomDetail = RoomSummary.extend({
  people: z.array(PersonSummary),
  /** Occupancies that have ended. */
  past: z.number().int(),
  organisations: z.array(OrganisationSummary),
  devices: z.array(z.strictObject({ gateway: z.string(), id: z.string(), name: Text, category: z.string() })),
}).meta({ id: 'RoomDetail' });
export type RoomDetail = z.infer<typeof RoomDetail>;

/** What was found of people, houses and organisations; `more` where the list was cut. */
export const Found = z
  .strictObject({
    people: z.array(PersonSummary),
    rooms: z.array(RoomSummary),
    organisations: z.array(OrganisationSummary),
    more: z.boolean(),
  })
  .meta({ id: 'Found' });
export type Found = z.infer<typeof Found>;

/** 数据质量 of an area: what is known of its houses and people, as shares of 1. */
export const Quality = z
  .strictObject({
    area: z.string(),
    name: z.string(),
    rooms: z.number().int(),
    people: z.number().int(),
    /** Houses of which it is known who lives there, or that nobody does. */
    housesKnown: z.number(),
    withPhone: z.number(),
    withIdNumber: z.number(),
    /** People of whom anything was confirmed within the last twelve months. */
    fresh: z.number(),
    score: z.number(),
  })
  .meta({ id: 'Quality' });
export type Quality = z.infer<typeof Quality>;
