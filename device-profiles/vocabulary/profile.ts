import { z } from 'zod';
import { Command } from './command.ts';
import { Duration } from './duration.ts';
import { Branch, JsonPath, TimeRule, When, Zone } from './message.ts';
import { Order, Point, TableName } from './point.ts';
import { AlarmRule, AvailabilityRule, TestMode } from './rule.ts';
import { Id, Text } from './text.ts';
import { Unit } from './units.ts';
import { Vector } from './vector.ts';

/**
 * 设备档案, format 1: what a device is, as data. No code; what is calculated is arithmetic that always ends.
 * What stands here is what the author writes; `z.output` is what the programs read (durations in ms, defaults filled in).
 * `arrays` are unfolded and params put in their places before the schema is asked (`library/unfold.ts`, `library/params.ts`).
 */

/** What a device is, after the Brick / LwM2M naming; closed, so that screens and rules can rely on it. */
export const categories = [
  'meter.electricity',
  'meter.water',
  'meter.gas',
  'meter.heat',
  'sensor.temperature-humidity',
  'sensor.air',
  'sensor.noise',
  'sensor.gas',
  'fire.smoke',
  'fire.heat',
  'fire.manual-call-point',
  'fire.water-pressure',
  'fire.panel',
  'fire.electrical',
  'fire.equipment',
  'water.leak',
  'water.level',
  'water.valve',
  'manhole.cover',
  'access.controller',
  'access.intercom',
  'parking.plate-reader',
  'camera',
  'security.alarm-host',
  'security.zone',
  'sos.button',
  'care.radar',
  'lift.monitor',
  'ebike.charger',
  'light.street',
  'io.module',
  'power.ups',
  'energy.inverter',
  'other',
] as const;
export const Category = z.enum(categories);
export type Category = z.infer<typeof Category>;

/**
 * How the device is spoken to. Its words belong to the protocol (`device-profiles/protocols/<protocol>.ts`), which the
 * loader asks; here only the protocol's name is known, so that a new one edits no existing file.
 */
export const Transport = z.looseObject({ protocol: Id });
export type Transport = z.output<typeof Transport>;

const EventMap = z.record(z.string(), z.strictObject({ type: z.string().max(60), name: Text }));

/**
 * 安装参数: what the installer sets for one device: the height of a tank, the zero of a mounting, a threshold. Numbers in
 * `points` and `alarms` may be calculated from them: `above: =high`, `clear: =high - 5`. A `compute` names them directly.
 */
export const Param = z.strictObject({
  name: Text,
  unit: Unit.default('1'),
  default: z.number(),
  min: z.number(),
  max: z.number(),
  /** The default is a stand-in: a site must say its own. */
  ask: z.boolean().default(false),
  /** The clause or manual page the default comes from. */
  ref: z.string().max(300).optional(),
});
export type Param = z.output<typeof Param>;

/** Text with `{path}` in it, filled from a message. */
const Template = z.string().min(1).max(200);

/**
 * 下级设备: parts that are devices of their own: detectors behind a panel. `profile`: one for all, or by a value of the
 * message. `key` is the same for the same part for ever. A codec may have named the part itself; then only `profile` counts.
 */
export const Children = z.strictObject({
  /** Which messages speak of a part; default: those in which the key can be filled. */
  when: When.optional(),
  /** A list with a record for each part; without it a message speaks of one. */
  each: JsonPath.optional(),
  key: Template.optional(),
  name: z.strictObject({ zh: Template, en: Template.optional() }).optional(),
  /** Where it is, in the words of whoever set up the panel. */
  note: Template.optional(),
  profile: z.union([Id, z.strictObject({ path: JsonPath, map: z.record(z.string().max(64), Id), otherwise: Id.optional() })]),
});
export type Children = z.output<typeof Children>;

/** Which answers to the probes speak for a variant. */
const ProbeTest = z.union([
  /** It could be read, or could not. */
  z.strictObject({ probe: z.string(), reads: z.boolean() }),
  z.strictObject({ probe: z.string(), is: z.union([z.number(), z.string(), z.boolean()]) }),
  z.strictObject({ probe: z.string(), between: z.tuple([z.number(), z.number()]) }),
]);

/** 变体: the same model with another register map. The installer chooses it, or the first whose `when` holds is proposed. */
export const Variant = z.strictObject({
  id: Id,
  name: Text,
  /** All of these. */
  when: z.union([ProbeTest, z.array(ProbeTest).min(1).max(8)]).optional(),
  set: z.record(z.string(), z.unknown()),
});
export type Variant = z.output<typeof Variant>;

export const Profile = z.strictObject({
  schema: z.literal('yihu-profile/1'),
  id: Id,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 1.0.0'),
  name: Text,
  maker: Text,
  model: z.string().max(64),
  /** 型号别名: what devices of this profile call themselves, and where in a message they do (`from`). */
  models: z.strictObject({ ids: z.array(z.string().min(1).max(120)).min(1).max(64), from: JsonPath.optional() }).optional(),
  category: Category,
  sources: z.array(z.string()).min(1),
  /** maker: the maker's documents; community: open-source readers; normalised: a format of ours. */
  confidence: z.enum(['maker', 'community', 'normalised']),
  transport: Transport,
  defaults: z
    .strictObject({
      table: TableName.optional(),
      order: Order.default('ABCD'),
      addressing: z.enum(['zero-based', 'one-based']).default('zero-based'),
    })
    .prefault({}),
  groups: z.record(Id, z.strictObject({ every: Duration })).default({}),
  availability: AvailabilityRule,
  params: z.record(Id, Param).default({}),
  points: z.record(Id, Point),
  decode: z.record(Id, z.array(Branch).min(1)).default({}),
  /** Device time in messages. */
  time: TimeRule.optional(),
  /** Zone of the device's times that name none. Default: the site's. */
  zone: Zone.optional(),
  /** Messages of pictures and plates may be longer than the usual 256 KB: their limit in KB. */
  maxMessageKb: z.number().int().min(256).max(2048).default(256),
  /**
   * 去重: a record whose key has been seen within the window was sent again and says nothing new. Paths may begin with
   * `item`; a record in which one of them is missing has no key and is always new.
   */
  dedupe: z.strictObject({ key: z.array(JsonPath).min(1).max(8), window: Duration }).optional(),
  /** 补传: the serial of events counts up by one; what is missing in between can be asked for, up to so many. How is the protocol's matter. */
  backfill: z.strictObject({ most: z.number().int().min(1).max(10_000) }).optional(),
  maps: z.record(Id, EventMap).default({}),
  alarms: z.record(Id, AlarmRule).default({}),
  testMode: TestMode.optional(),
  commands: z.record(Id, Command).default({}),
  /** Names of the events the device gives, for people. */
  events: z.record(z.string(), Text).default({}),
  /** `drop`: no picture is ever kept of this device's alarms, whatever looks there: it stands where people are undressed or unwell. */
  pictures: z.enum(['keep', 'drop']).default('keep'),
  children: Children.optional(),
  /** Read once at commissioning, to tell variants apart; named and typed like points. */
  probes: z.record(Id, Point.omit({ name: true, group: true, every: true })).default({}),
  variants: z.array(Variant).default([]),
  vectors: z.array(Vector).min(1, 'a profile needs at least one vector'),
});
export type Profile = z.output<typeof Profile>;
