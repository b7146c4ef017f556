import { z } from 'zod';
import { Duration } from './duration.ts';
import { encodings, numberTypes, timeTypes } from './point.ts';

/**
 * 报文: how a message becomes values. A named reading makes a tree of it, paths pick from the tree, points and events take
 * what was picked. No code: every part is data.
 */

/**
 * A path: `$` the message, `item` one record of an `each`, `envelope` what stood around the payload (query parameters of an
 * HTTP request). Then `.key`, `['any key']`, `[0]`, and `[?@.name=='x']`: the first of a list whose `name` is x. A part of
 * RFC 9535, so that people and tools know it.
 */
export const JsonPath = z
  .string()
  .max(300)
  .regex(
    /^(\$|item|envelope)(\.[A-Za-z_][\w-]*|\[\d{1,4}\]|\['[^']+'\]|\[\?@\.[A-Za-z_][\w-]*=='[^']*'\])*$/,
    "must be a path such as $.a.b[0]['c.d'], item.a or envelope.a",
  );

const Paths = z.union([JsonPath, z.array(JsonPath).min(1).max(4)]);
const Scalar = z.union([z.string().max(300), z.number(), z.boolean()]);

/** A test of the message. Values are compared by their text, so that 1 and "1" are the same. */
const Test = z.union([
  z.strictObject({ exists: JsonPath }),
  z.strictObject({ absent: JsonPath }),
  z.strictObject({ path: JsonPath, equals: Scalar }),
  z.strictObject({ path: JsonPath, in: z.array(Scalar).min(1).max(64) }),
]);
/** One test, or several that must all hold. */
export const When = z.union([Test, z.array(Test).min(1).max(8)]);
export type When = z.output<typeof When>;

// ── readings: from bytes or text to a tree ──────────────────────────────────────────────────────────────────────────

const FieldName = z.string().regex(/^[A-Za-z_][\w-]{0,63}$/, 'must begin with a letter and have letters, digits, _ and - only');
const fieldTypes = [...numberTypes, ...timeTypes, 'string'] as const;
const FieldType = z.enum(fieldTypes);
/** Of the bytes of one value. */
const ByteOrder = z.enum(['big', 'little']);

/**
 * One field of a struct. A type; a number n: n bytes nobody needs; or more words about it. A list takes the rest of the
 * bytes, or `times`; under a TLV id it gathers one record for each time the id comes.
 */
export type Field =
  | z.output<typeof FieldType>
  | number
  | {
      type: z.output<typeof FieldType>;
      order?: 'big' | 'little' | undefined;
      /** Bytes of a string; `rest`: all there are. */
      length?: number | 'rest' | undefined;
      encoding?: (typeof encodings)[number] | undefined;
      signed?: boolean | undefined;
      /** Instead of the whole integer its parts, by name: a bit, or a range `[shift, width]`. */
      parts?: Record<string, number | [number, number]> | undefined;
    }
  | { list: Struct; times?: number | undefined }
  /** The type depends on a field before it. A value without a case ends the reading there: no length is guessed. */
  | { by: string; cases: Record<string, Field> };
/** Fields in the order they stand there. */
export type Struct = { [name: string]: Field };

const Field: z.ZodType<Field> = z.lazy(() =>
  z.union([
    FieldType,
    z.number().int().min(1).max(1024),
    z.strictObject({
      type: FieldType,
      order: ByteOrder.optional(),
      length: z.union([z.number().int().min(1).max(1024), z.literal('rest')]).optional(),
      encoding: z.enum(encodings).optional(),
      signed: z.boolean().optional(),
      parts: z
        .record(
          FieldName,
          z.union([z.number().int().min(0).max(63), z.tuple([z.number().int().min(0).max(63), z.number().int().min(1).max(64)])]),
        )
        .optional(),
    }),
    z.strictObject({ list: Struct, times: z.number().int().min(1).max(256).optional() }),
    z.strictObject({ by: FieldName, cases: z.record(z.string().min(1).max(20), Field) }),
  ]),
);
const Struct: z.ZodType<Struct> = z.record(FieldName, Field);

const Separator = z.string().min(1).max(8);

/**
 * One step of a reading.
 *
 * text → tree: `json`; `xml` (names without namespace, attributes like children, text beside them `#text`); `form`
 * (urlencoded); `pairs` (`k=v` between TABs; `rest`: this key takes all that follows); `columns` (names by position, `_` for
 * one nobody needs); `text` (the text itself).
 * text → several texts: `lines`; what follows reads each of them.
 * text → bytes: `base64`, `hex`. bytes → text: `utf8`, `gb18030`, `ascii`; without them a text step takes UTF-8.
 * bytes → tree: `struct` (a fixed layout); `tlv` (records that begin with their id, hex).
 */
export const Step = z.union([
  z.enum(['json', 'xml', 'form', 'pairs', 'lines', 'text', 'base64', 'hex', 'utf8', 'gb18030', 'ascii']),
  z.strictObject({
    pairs: z.strictObject({ between: Separator.default('\t'), is: Separator.default('='), rest: z.string().max(64).optional() }),
  }),
  z.strictObject({
    columns: z.array(z.string().min(1).max(64)).min(1).max(256),
    between: Separator.default('\t'),
    /** Text that stands in front of the first column and is left out, such as `(`. */
    after: Separator.optional(),
  }),
  z.strictObject({ lines: z.strictObject({ between: Separator }) }),
  z.strictObject({ struct: Struct, order: ByteOrder.default('big') }),
  z.strictObject({
    tlv: z.record(z.string().max(32), Struct),
    order: ByteOrder.default('big'),
    /** Bytes of a length that stands behind each id; then an unknown record is left out and the next one read. */
    length: z.union([z.literal(1), z.literal(2)]).optional(),
  }),
]);
export type Step = z.output<typeof Step>;

/** 读法: one step, or several in turn: `[base64, {tlv: …}]`, `[lines, pairs]`, `[gb18030, xml]`. */
export const Steps = z.union([Step, z.array(Step).min(1).max(6)]);
export type Steps = z.output<typeof Steps>;

// ── what is taken from the tree ─────────────────────────────────────────────────────────────────────────────────────

/** Word of the device → value of the point. A word that is not there gives a bad reading. */
const ValueMap = z.record(z.string().max(64), Scalar);

const sourceBase = {
  /** Of several paths, the first that is there. */
  from: Paths,
  map: ValueMap.optional(),
  /** The value is text that spells a number in this base: `"23.5"` (10), `"0x1F"` (16), `"00101000"` (2). */
  base: z.union([z.literal(2), z.literal(10), z.literal(16)]).optional(),
};

/** Where a value is taken from: a path, or a path and what to do with it. */
export const Source = z.union([
  JsonPath,
  z.strictObject({
    ...sourceBase,
    /** Times this is what the point takes: where the bytes count in tenths and the codec's object does not. */
    scale: z.number().optional(),
  }),
  /** Whether this word is one of the words there: `OL CHRG` has `OL`. */
  z.strictObject({ from: Paths, has: z.string().min(1).max(64), between: Separator.default(' ') }),
]);
export type Source = z.output<typeof Source>;

export const DataSource = z.union([
  JsonPath,
  /** `personal`: redacted before it leaves the gateway. */
  z.strictObject({ ...sourceBase, personal: z.boolean().optional() }),
]);
export type DataSource = z.output<typeof DataSource>;

/** 事件: its type is fixed, or looked up by a code in `maps`. Several paths give one code joined by `/`. */
export const EventSource = z.strictObject({
  when: When.optional(),
  type: z.string().max(60).optional(),
  code: Paths.optional(),
  map: z.string().optional(),
  /**
   * When this holds it is the end of what began before (Stop, inactive, a restore): the event's type gets `.end`, which an
   * alarm names as its `clearEvent`.
   */
  end: When.optional(),
  serial: JsonPath.optional(),
  data: z.record(z.string().max(64), DataSource).optional(),
});
export type EventSource = z.output<typeof EventSource>;

/** 时区: `+08:00`, `Z`, or a name of the tz database, such as `Asia/Shanghai`. */
export const Zone = z
  .string()
  .max(40)
  .regex(
    /^(Z|[+-]\d\d:\d\d|[A-Z][A-Za-z_+-]+(\/[A-Z][A-Za-z0-9_+-]+){0,2})$/,
    'must be a time zone such as +08:00 or Asia/Shanghai',
  );

/** `rfc3339`, seconds or milliseconds since 1970 (number or digits), or a layout of YYYY YY MM DD HH mm ss SSS. */
const TimeFormat = z.union([
  z.enum(['rfc3339', 'unix-s', 'unix-ms']),
  z
    .string()
    .max(40)
    .regex(/YY.*MM|MM.*YY/, 'must be rfc3339, unix-s, unix-ms or a layout such as YYYY-MM-DD HH:mm:ss'),
]);

/** A time of the device's: where it stands and how it is written. Without a zone of its own: the profile's, else the site's. */
export const TimeSource = z.strictObject({ from: Paths, format: TimeFormat, zone: Zone.optional() });
export type TimeSource = z.output<typeof TimeSource>;

/** 设备时间, kept beside the gateway's and never instead of it. */
export const TimeRule = TimeSource.extend({
  /**
   * Whose clock it is. `device` (default): further than `maxSkew` from ours, readings are uncertain. `network`: a server's,
   * which is right: what is older than `maxSkew` was kept back, and is history. `none`: only kept. Points that a fire, gas
   * or person rule watches are spared: a detector with a wrong clock must still raise its alarm.
   */
  trust: z.enum(['device', 'network', 'none']).default('device'),
  maxSkew: Duration.prefault('5m'),
});
export type TimeRule = z.output<typeof TimeRule>;

const taken = {
  when: When.optional(),
  /** point → where its value is. A path that is not there gives no reading. */
  points: z.record(z.string(), Source).optional(),
  event: z.union([EventSource, z.array(EventSource).min(1).max(16)]).optional(),
};

/** Records in a list: what is taken of each of them. Paths that begin with `item` are inside the record. */
export const Each = z.strictObject({
  in: JsonPath,
  ...taken,
  /** The record's own time. */
  time: TimeSource.optional(),
  /** Kept values of earlier: they go to the history under their own time, and neither raise, clear nor show as the present. */
  historical: z.literal(true).optional(),
});
export type Each = z.output<typeof Each>;

/** One way a message of a channel can be read; the first that can be and whose `when` holds is taken. */
export const Branch = z.strictObject({
  as: Steps.optional(),
  /** Parts of the tree that have to be read themselves, in turn: JSON in a JSON string, bytes in base64. */
  open: z.record(JsonPath, Steps).optional(),
  ...taken,
  each: z.union([Each, z.array(Each).min(1).max(8)]).optional(),
});
export type Branch = z.output<typeof Branch>;
