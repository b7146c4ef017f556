import { z } from 'zod';
import { Address, TableName } from './point.ts';
import { Id } from './text.ts';

const Expectation = z.union([
  z.number(),
  z.string(),
  z.boolean(),
  z.null(),
  z.strictObject({
    quality: z.enum(['good', 'uncertain', 'bad']),
    reason: z.string().optional(),
    value: z.union([z.number(), z.string(), z.boolean(), z.null()]).optional(),
    /** It is about earlier and not about now. */
    historical: z.literal(true).optional(),
  }),
]);

const word = z.number().int().min(0).max(0xffff);
const onChannel = {
  channel: z.string(),
  topic: z.string().optional(),
  /** What stood around the payload: query parameters of an HTTP request. */
  envelope: z.record(z.string().max(64), z.string().max(1024)).optional(),
  /** The broker had kept it: it is the last word of the device and may be old. */
  retained: z.literal(true).optional(),
};

/** 测试向量: what the device said and what must come of it, from the device's display, its manual or a public source. */
export const Vector = z.strictObject({
  name: z.string().min(1),
  /** recorded: from a device; manual: printed by the maker; public: an open source; synthetic: made up. */
  origin: z.enum(['recorded', 'manual', 'public', 'synthetic']),
  source: z.string().optional(),
  /** The variant it speaks of; without it, the profile as written. */
  variant: Id.optional(),
  /** What the installer has set; params without a word here have their default. */
  params: z.record(Id, z.number()).optional(),
  /** When the gateway received it, RFC 3339; for messages that carry the device's own time. */
  at: z.iso.datetime({ offset: true }).optional(),
  given: z.union([
    z.strictObject({ table: z.enum(['input', 'holding']), start: Address, words: z.array(word).min(1) }),
    z.strictObject({ table: z.enum(['coil', 'discrete']), start: Address, bits: z.array(z.boolean()).min(1) }),
    /** A whole RTU answer in hex, CRC checked, to a request for `table` from `start`. */
    z.strictObject({ table: TableName, start: Address, rtu: z.string() }),
    z.strictObject({ ...onChannel, json: z.unknown() }),
    z.strictObject({ ...onChannel, text: z.string() }),
    z.strictObject({ ...onChannel, hex: z.string() }),
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
  /** Kept values of earlier, as the message lists them: when (RFC 3339), and the points of that time. */
  history: z
    .array(z.strictObject({ at: z.iso.datetime({ offset: true }), expect: z.record(z.string(), Expectation) }))
    .optional(),
  events: z
    .array(
      z.strictObject({
        type: z.string(),
        code: z.string().optional(),
        serial: z.string().optional(),
        data: z.record(z.string(), z.unknown()).optional(),
        /** When the device says it was, RFC 3339. */
        at: z.iso.datetime({ offset: true }).optional(),
      }),
    )
    .optional(),
  /** The parts that it speaks of: key → their profile. */
  children: z.record(z.string(), z.string()).optional(),
  /** Alarms raised by this frame alone, from a fresh state. */
  alarms: z.array(z.string()).optional(),
  /** A part of it is left unread (an id that the profile does not know); without this, all of it must be read. */
  unread: z.literal(true).optional(),
  /** The frame must be refused. */
  refuse: z.boolean().optional(),
});
export type Vector = z.output<typeof Vector>;
