import { z } from 'zod';
import { Duration } from './duration.ts';
import { Hazard, Severity } from './severity.ts';
import { Id, Text } from './text.ts';
import { Latch } from './transition.ts';
import { Unit } from './units.ts';

/**
 * 设备档案, format 1: what a device is, as data. No code, no expressions to evaluate.
 * What stands here is what the author writes; `z.output` is what the programs read (durations in ms, defaults filled in).
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
  'water.leak',
  'water.level',
  'water.valve',
  'manhole.cover',
  'access.controller',
  'access.intercom',
  'parking.plate-reader',
  'camera',
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

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const numberTypes = [
  'bit',
  'u8',
  's8',
  'u16',
  's16',
  'u24',
  's24',
  'u32',
  's32',
  'u64',
  's64',
  'f16',
  'f32',
  'f64',
  'bcd16',
  'bcd24',
  'bcd32',
  'bcd48',
] as const;
export const WireType = z.enum([...numberTypes, 'string']);
export type WireType = z.infer<typeof WireType>;

/** Order of the bytes of a value of several registers; A is the most significant byte. */
export const orders = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export const Order = z.enum(orders);
export type Order = z.infer<typeof Order>;

export const encodings = ['ascii', 'utf8', 'gb18030'] as const;
export const Encoding = z.enum(encodings);
export type Encoding = z.infer<typeof Encoding>;

const address = z.number().int().min(0).max(0xffff);
const TableName = z.enum(['coil', 'discrete', 'input', 'holding']);

/** Raw value as written on the wire (decimal text) → the name people read. */
const EnumMap = z.record(z.string(), z.strictObject({ value: z.string().max(64), name: Text }));

/** A bit or a bit range of the raw integer, lowest bit 0. */
const BitRange = z.strictObject({ shift: z.number().int().min(0).max(63), width: z.number().int().min(1).max(64).default(1) });

export const Point = z.strictObject({
  name: Text,
  unit: Unit.default('1'),
  /** Where it stands: a register or bit address (Modbus), or the key of an item (a data identifier of DL/T 645). */
  at: z.union([address, z.string().min(1).max(64)]).optional(),
  table: TableName.optional(),
  type: WireType.optional(),
  order: Order.optional(),
  /** Registers of a string. */
  length: z.number().int().min(1).max(123).optional(),
  encoding: Encoding.optional(),
  /** Which poll group reads it. */
  group: z.string().optional(),
  /** A period of its own, before that of its group: how often it is read. */
  every: Duration.optional(),
  /** Byte of the register for 8-bit types: `low` (default) or `high`. */
  byte: z.enum(['low', 'high']).optional(),
  bits: BitRange.optional(),
  /** Highest bit is the sign (BCD meters). */
  signed: z.boolean().optional(),
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** Decimal places kept after scaling. */
  round: z.number().int().min(0).max(9).optional(),
  /** Another point whose value n scales this one by 10^n. */
  scaleExp: z.string().optional(),
  enum: EnumMap.optional(),
  /** The enum key is the position of the single bit set. */
  oneHot: z.boolean().optional(),
  /** Raw values that mean "no value". */
  invalid: z.array(z.union([z.number(), z.string()])).optional(),
  /** Outside of this (after scaling) a value is bad, and no alarm follows from it. */
  valid: z.tuple([z.number(), z.number()]).optional(),
  /** A change smaller than this is not recorded; `min` is the floor of a percentage. */
  deadband: z
    .union([z.number().positive(), z.strictObject({ pct: z.number().positive(), min: z.number().positive() })])
    .optional(),
  /** The longest silence: recorded this often even when unchanged. */
  heartbeat: Duration.optional(),
  kind: z.enum(['gauge', 'counter', 'state', 'text']).default('gauge'),
  /** Counter: highest value before it starts again from 0. */
  wrap: z.union([z.literal('none'), z.number().positive()]).optional(),
  /** Personal data: redacted before it leaves the gateway. */
  personal: z.boolean().optional(),
  /** The simulated device's range and movement. */
  simulate: z.strictObject({ from: z.number(), to: z.number(), period: Duration.optional() }).optional(),
});
export type Point = z.output<typeof Point>;

// ── transport ───────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * How the device is spoken to. Its words belong to the protocol (`device-profiles/protocols/<protocol>.ts`), which the
 * loader asks; here only the protocol's name is known, so that a new one edits no existing file.
 */
export const Transport = z.looseObject({ protocol: Id });
export type Transport = z.output<typeof Transport>;

// ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `$.a.b[0]['PM2.5']`: a path into JSON, nothing else. */
export const JsonPath = z
  .string()
  .regex(/^\$((\.[A-Za-z_][\w-]*)|(\[\d+\])|(\['[^']+'\]))*$/, "must be a path such as $.a.b[0]['c.d']");

const Test = z.union([
  z.strictObject({ exists: JsonPath }),
  z.strictObject({ path: JsonPath, equals: z.union([z.string(), z.number(), z.boolean()]) }),
]);

/** One way a message of a channel can be read; the first whose `when` holds is taken. */
const Branch = z.strictObject({
  when: Test.optional(),
  /** `text`: the whole payload is the value of this point (Shelly Gen1 "true"). */
  text: z
    .strictObject({ point: z.string(), map: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).optional() })
    .optional(),
  /** point → path */
  json: z.record(z.string(), JsonPath).optional(),
  /** An event: its type is fixed, or looked up by a code in `maps`. */
  event: z
    .strictObject({
      type: z.string().max(64).optional(),
      /** Several paths give one code joined by `/` (Hikvision major/minor). */
      code: z.union([JsonPath, z.array(JsonPath).min(1).max(4)]).optional(),
      map: z.string().optional(),
      serial: JsonPath.optional(),
      data: z.record(z.string(), JsonPath).optional(),
    })
    .optional(),
});

const EventMap = z.record(z.string(), z.strictObject({ type: z.string().max(64), name: Text }));

// ── alarms ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const ruleBase = {
  name: Text,
  severity: Severity,
  hazard: Hazard,
  latch: Latch.default('none'),
  /** The condition must hold this long before it raises. */
  for: Duration.prefault('0s'),
  /** And must be gone this long before it clears. */
  clearFor: Duration.prefault('0s'),
  /** Or this many samples in a row. */
  samples: z.number().int().min(1).max(100).default(1),
  /** The clause the limit comes from. */
  ref: z.string().max(300).optional(),
};

/** 告警规则: exactly one condition; limits carry their own clear value, so that hysteresis is never forgotten. */
export const AlarmRule = z.union([
  z.strictObject({ ...ruleBase, point: z.string(), above: z.number(), clear: z.number() }),
  z.strictObject({ ...ruleBase, point: z.string(), below: z.number(), clear: z.number() }),
  z.strictObject({ ...ruleBase, point: z.string(), is: z.union([z.boolean(), z.string(), z.number()]) }),
  /** `clearEvent`: the paired restore; `autoClear`: gone after this much silence, for devices that never send an end. */
  z.strictObject({ ...ruleBase, event: z.string(), clearEvent: z.string().optional(), autoClear: Duration.optional() }),
  /** Absence: no good reading of the point for this long. */
  z.strictObject({ ...ruleBase, point: z.string(), silent: Duration }),
]);
export type AlarmRule = z.output<typeof AlarmRule>;

/** 可用性: when silence becomes "late" and "offline". Fire detectors: offlineAfter ≤ 25 h (GB/T 45839-2025 5.5.2). */
export const AvailabilityRule = z.strictObject({
  lateAfter: Duration.optional(),
  offlineAfter: Duration,
  /** Offline at once after so many failed polls in a row (Modbus). */
  missedPolls: z.number().int().min(1).max(100).optional(),
  /** Channel whose payload says online/offline (MQTT last will). */
  will: z.strictObject({ channel: z.string(), online: z.string(), offline: z.string() }).optional(),
});

// ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────

const Argument = z.strictObject({
  name: Text,
  unit: Unit.default('1'),
  type: z.enum(['number', 'boolean', 'text']).default('number'),
  min: z.number().optional(),
  max: z.number().optional(),
  /** The only values it may have, each with its name. */
  choices: z.record(z.string().max(64), Text).optional(),
});

/** 控制命令: something the device can be told to do. */
export const Command = z.strictObject({
  name: Text,
  args: z.record(Id, Argument).default({}),
  /** In the protocol's own words; its schema is the protocol's. */
  do: z.unknown(),
  /** The point that shows that it was done; an argument's value is named as `{name}`. */
  verify: z
    .strictObject({ point: z.string(), is: z.union([z.number(), z.string(), z.boolean()]), within: Duration.prefault('5s') })
    .optional(),
  /** `two-person`: a second person must agree before it is sent. */
  confirm: z.enum(['none', 'two-person']).default('none'),
  /** A command older than this is never carried out. */
  ttl: Duration.prefault('30s'),
});
export type Command = z.output<typeof Command>;

// ── vectors ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const Expectation = z.union([
  z.number(),
  z.string(),
  z.boolean(),
  z.null(),
  z.strictObject({
    quality: z.enum(['good', 'uncertain', 'bad']),
    reason: z.string().optional(),
    value: z.union([z.number(), z.string(), z.boolean(), z.null()]).optional(),
  }),
]);

const word = z.number().int().min(0).max(0xffff);

/** 测试向量: what the device said and what must come of it, from the device's display, its manual or a public source. */
export const Vector = z.strictObject({
  name: z.string().min(1),
  /** recorded: from a device; manual: printed by the maker; public: an open source; synthetic: made up. */
  origin: z.enum(['recorded', 'manual', 'public', 'synthetic']),
  source: z.string().optional(),
  /** The variant it speaks of; without it, the profile as written. */
  variant: Id.optional(),
  /** When the gateway received it, RFC 3339; for messages that carry the device's own time. */
  at: z.iso.datetime({ offset: true }).optional(),
  given: z.union([
    z.strictObject({ table: z.enum(['input', 'holding']), start: address, words: z.array(word).min(1) }),
    z.strictObject({ table: z.enum(['coil', 'discrete']), start: address, bits: z.array(z.boolean()).min(1) }),
    /** A whole RTU answer in hex, CRC checked, to a request for `table` from `start`. */
    z.strictObject({ table: TableName, start: address, rtu: z.string() }),
    z.strictObject({ channel: z.string(), topic: z.string().optional(), json: z.unknown() }),
    z.strictObject({ channel: z.string(), topic: z.string().optional(), text: z.string() }),
    z.strictObject({ channel: z.string(), topic: z.string().optional(), hex: z.string() }),
    /** What a codec made of a frame. */
    z.strictObject({ channel: z.string(), fields: z.unknown() }),
    /** Items by key, in hex. */
    z.strictObject({ items: z.record(z.string(), z.string()) }),
    /** A whole frame in hex as it is on the wire, through the driver's own codec. */
    z.strictObject({ wire: z.string(), frame: z.string() }),
    /** The same of a wire that is made of text; line ends as the codec takes them. */
    z.strictObject({ wire: z.string(), text: z.string() }),
  ]),
  expect: z.record(z.string(), Expectation).default({}),
  events: z
    .array(z.strictObject({ type: z.string(), code: z.string().optional(), data: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
  /** Alarms raised by this frame alone, from a fresh state. */
  alarms: z.array(z.string()).optional(),
  /** The frame must be refused. */
  refuse: z.boolean().optional(),
});
export type Vector = z.output<typeof Vector>;

// ── the profile ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const Profile = z.strictObject({
  schema: z.literal('yihu-profile/1'),
  id: Id,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 1.0.0'),
  name: Text,
  maker: Text,
  model: z.string().max(64),
  category: Category,
  sources: z.array(z.string()).min(1),
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
  points: z.record(Id, Point),
  decode: z.record(Id, z.array(Branch).min(1)).default({}),
  /** Device time in messages. */
  time: z
    .strictObject({ from: JsonPath, format: z.enum(['rfc3339', 'unix-s', 'unix-ms']), maxSkew: Duration.prefault('5m') })
    .optional(),
  maps: z.record(Id, EventMap).default({}),
  alarms: z.record(Id, AlarmRule).default({}),
  commands: z.record(Id, Command).default({}),
  /** Names of the events the device gives, for people. */
  events: z.record(z.string(), Text).default({}),
  variants: z.array(z.strictObject({ id: Id, name: Text, set: z.record(z.string(), z.unknown()) })).default([]),
  vectors: z.array(Vector).min(1, 'a profile needs at least one vector'),
});
export type Profile = z.output<typeof Profile>;
