import { z } from 'zod';
import { Duration } from './duration.ts';
import { Text } from './text.ts';
import { Unit } from './units.ts';

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
  'u48',
  's48',
  'u64',
  's64',
  'f16',
  'f32',
  'f64',
  'bcd8',
  'bcd16',
  'bcd24',
  'bcd32',
  'bcd48',
] as const;

/**
 * A time by the calendar in so many bytes, from the year down: year (of 2000), month, day, hour, minute, second. `time6` in
 * binary, the others in BCD; five bytes have no second, seven a year of four digits. A device that sends the second first
 * is little-endian.
 */
export const timeTypes = ['time6', 'bcdtime5', 'bcdtime6', 'bcdtime7'] as const;
export const WireType = z.enum([...numberTypes, ...timeTypes, 'string']);
export type WireType = z.infer<typeof WireType>;

/** Order of the bytes of a value of several registers; A is the most significant byte. Of plain bytes: ABCD big-endian, DCBA little-endian. */
export const orders = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export const Order = z.enum(orders);
export type Order = z.infer<typeof Order>;

/** `hex`: the bytes themselves, as digits: a meter's address, a card's number. */
export const encodings = ['ascii', 'utf8', 'gb18030', 'hex'] as const;
export const Encoding = z.enum(encodings);
export type Encoding = z.infer<typeof Encoding>;

export const Address = z.number().int().min(0).max(0xffff);
export const TableName = z.enum(['coil', 'discrete', 'input', 'holding']);

/** Raw value as written on the wire (decimal text) → the name people read. */
const EnumMap = z.record(z.string(), z.strictObject({ value: z.string().max(64), name: Text }));

/** A bit or a bit range of the raw integer, lowest bit 0. */
export const BitRange = z.strictObject({
  shift: z.number().int().min(0).max(63),
  width: z.number().int().min(1).max(64).default(1),
});

/** A raw value, as the manual prints it. */
const RawValues = z.array(z.union([z.number(), z.string()]));

/** 点位: one value of a device. */
export const Point = z.strictObject({
  name: Text,
  unit: Unit.default('1'),
  /** Where it stands: a register or bit address (Modbus), or the key of an item (a data identifier of DL/T 645). */
  at: z.union([Address, z.string().min(1).max(64)]).optional(),
  /** Bytes of the item before the value, where one item holds several. */
  skip: z.number().int().min(1).max(1024).optional(),
  table: TableName.optional(),
  type: WireType.optional(),
  order: Order.optional(),
  /** Of a string: registers, or bytes of an item. */
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
  /** Decimal places kept after scaling and conversion. */
  round: z.number().int().min(0).max(9).optional(),
  /** Another point of the same frame whose value n scales this one by 10^n. */
  scaleExp: z.string().optional(),
  /** Another point of the same frame whose value is the unit this one is sent in; it is converted into `unit`. */
  unitFrom: z.string().optional(),
  /**
   * Calculated from points of the same frame and the profile's params: `level / height * 100`. + − × ÷, comparison, and, or,
   * not, min, max, abs, round, if(condition, then, else). See `library/expression.ts`.
   */
  compute: z.string().min(1).max(300).optional(),
  enum: EnumMap.optional(),
  /** The enum key is the position of the single bit set. */
  oneHot: z.boolean().optional(),
  /** Raw values that mean "no value". */
  invalid: RawValues.optional(),
  /** Raw values that mean "this device does not have it"; what holds nothing else is asked for only rarely then. */
  unsupported: RawValues.optional(),
  /** Outside of this (after scaling) a value is bad, and no alarm follows from it. */
  valid: z.tuple([z.number(), z.number()]).optional(),
  /** A change smaller than this is not recorded; `min` is the floor of a percentage. */
  deadband: z
    .union([z.number().positive(), z.strictObject({ pct: z.number().positive(), min: z.number().positive() })])
    .optional(),
  /** The longest silence: recorded this often even when unchanged. */
  heartbeat: Duration.optional(),
  kind: z.enum(['gauge', 'counter', 'state', 'text']).default('gauge'),
  /**
   * Counter: where it starts again from 0. The highest value (in `unit`), or the size of the raw value: `{bits: 32}`,
   * `{digits: 8}`. `none`: it never does, so a smaller value is another meter. `library/counter.ts` has the figure.
   */
  wrap: z
    .union([
      z.literal('none'),
      z.number().positive(),
      z.strictObject({ bits: z.number().int().min(8).max(64) }),
      z.strictObject({ digits: z.number().int().min(2).max(18) }),
    ])
    .optional(),
  /** Counter: more than this in an hour (in `unit`) is impossible: a fault of the counter, or another meter. */
  maxRate: z.number().positive().optional(),
  /** Counter: the point with the meter's serial number; another number is another meter. */
  serial: z.string().optional(),
  /** Personal data: redacted before it leaves the gateway. */
  personal: z.boolean().optional(),
  /** The simulated device's range and movement. */
  simulate: z.strictObject({ from: z.number(), to: z.number(), period: Duration.optional() }).optional(),
});
export type Point = z.output<typeof Point>;
