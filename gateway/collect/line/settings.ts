import { Duration } from '@yihu/device-profiles/vocabulary/duration.ts';
import { z } from 'zod';
import type { SerialShape } from './dialect.ts';

/** The `line` sections of the site file: one serial line, however its bytes come here. */

const tcpPort = z.number().int().min(1).max(65_535);
const host = z.string().min(1).max(253);

const shape = {
  baud: z.number().int().min(50).max(4_000_000),
  parity: z.enum(['none', 'even', 'odd']).optional(),
  stopBits: z.union([z.literal(1), z.literal(2)]).optional(),
  dataBits: z.union([z.literal(7), z.literal(8)]).optional(),
};

const base = {
  /** The parameters of the whole line. Without them each device has those of its profile. */
  baud: shape.baud.optional(),
  parity: shape.parity,
  stopBits: shape.stopBits,
  dataBits: shape.dataBits,
  /** Overrides the profiles' time-out, milliseconds until the answer begins. */
  timeoutMs: z.number().int().min(20).max(60_000).optional(),
  /** Silence after a broadcast (MODBUS over serial line 1.02, §2.4.1: 100 to 200 ms). */
  turnaroundMs: z.number().int().min(0).max(5_000).default(100),
};

const Serial = z.strictObject({
  mode: z.literal('serial'),
  /** A name that stays: /dev/serial/by-id/… rather than /dev/ttyUSB0. */
  path: z.string().min(1).max(255),
  ...base,
});

/** Behind a serial server that passes the line's bytes on over TCP. */
const Tcp = z.strictObject({
  mode: z.literal('tcp'),
  host,
  port: tcpPort,
  /** A second way to the same line. */
  fallback: z.strictObject({ host, port: tcpPort.optional() }).optional(),
  /** Failures in a row after which the second way is taken. */
  fallbackAfter: z.number().int().min(1).max(100).default(3),
  ...base,
});

/** Bytes that a unit sends by itself, as text or in hex. */
const Words = z
  .union([
    z.strictObject({ text: z.string().min(1).max(128) }),
    z.strictObject({
      hex: z
        .string()
        .regex(
          /^([0-9a-fA-F]{2}\s*){1,128}$/,
          '应为 1 到 128 个十六进制字节，如 "7E 01 0A" / must be 1 to 128 bytes in hex, such as "7E 01 0A"',
        ),
    }),
  ])
  .transform((words): Uint8Array =>
    'text' in words ? Buffer.from(words.text, 'utf8') : Buffer.from(words.hex.replaceAll(/\s/g, ''), 'hex'),
  );

/** A 4G unit (DTU) that connects to us. */
const DialIn = z.strictObject({
  mode: z.literal('dial-in'),
  /** Where we listen; several lines may share it. */
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):\d{1,5}$/, '应写成 主机:端口，如 0.0.0.0:9100 / must be host:port, e.g. 0.0.0.0:9100'),
  /** 注册包: what the unit says first; it tells one from the other. */
  registration: Words,
  /** 心跳包: what it says now and then to keep the connection open. */
  heartbeat: Words.optional(),
  /** A unit that has said nothing for so long is hung up on, so that it dials in again. */
  deadAfter: Duration.optional(),
  ...base,
});

export const LinePort = z.discriminatedUnion('mode', [Serial, Tcp, DialIn]);
export type LinePort = z.output<typeof LinePort>;
export type DialInSettings = z.output<typeof DialIn>;

/** `serial:` of a device, for one whose parameters are neither the line's nor its profile's. */
export const OwnShape = z.strictObject(shape);
export type OwnShape = z.output<typeof OwnShape>;

/** The address of a device on a line: its dialect's words, and the line's. */
export type LineAddress = { readonly serial?: OwnShape | undefined };

export function shapeOf({ baud, parity, stopBits, dataBits }: OwnShape): SerialShape {
  return { baud, parity: parity ?? 'none', stopBits: stopBits ?? 1, dataBits: dataBits ?? 8 };
}

/** What the site file says of the whole line. */
export function lineShape({ baud, ...rest }: LinePort): SerialShape | undefined {
  return baud === undefined ? undefined : shapeOf({ ...rest, baud });
}
