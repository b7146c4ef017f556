import type { Text } from './text.ts';

/** The four Modbus tables (Modbus Application Protocol 1.1b3, §4.3). */
export const tables = ['coil', 'discrete', 'input', 'holding'] as const;
export type Table = (typeof tables)[number];

/** Why a read brought nothing; the points it covers become readings of quality `bad`. */
export type ReadFault = 'no-answer' | 'exception' | 'unsupported';

/** A message: MQTT payload or HTTP body. */
export interface MessageBody {
  readonly kind: 'message';
  /** The key of the profile's `decode` (and of the protocol's topics) it came by. */
  readonly channel: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** What stood around the payload, such as the query parameters of an HTTP request; paths find it under `envelope`. */
  readonly envelope?: Readonly<Record<string, string>>;
  /** The broker had kept it (MQTT's retain flag on delivery): it may be old. */
  readonly retained?: boolean;
}

/** A message that the driver's codec has taken apart; `fields` is plain JSON and is read by paths like any message. */
export interface FieldsBody {
  readonly kind: 'fields';
  readonly channel: string;
  readonly fields: Json;
  /**
   * Out of the device's memory: asked for after a break, or repeated. What it says is of its own time, and is history where
   * that is further back than the profile's `maxSkew`, or not known.
   */
  readonly historical?: true;
}

/** What a driver heard, before any meaning. */
export type FrameBody =
  /** 16-bit registers, `start` zero-based. */
  | { kind: 'registers'; table: 'input' | 'holding'; start: number; words: readonly number[] }
  /** Coils or discrete inputs, `start` zero-based. */
  | { kind: 'bits'; table: 'coil' | 'discrete'; start: number; bits: readonly boolean[] }
  | MessageBody
  /** Values by key, as bytes in the order of the wire: a DL/T 645 answer has one, keyed by its data identifier. */
  | { kind: 'items'; items: readonly { readonly key: string; readonly bytes: Uint8Array }[] }
  | FieldsBody
  /** A read that failed, covering `count` addresses from `start`. */
  | { kind: 'fault'; table: Table; start: number; count: number; fault: ReadFault; detail: string }
  /** A read of items that failed; without `keys`, all of them. */
  | { kind: 'missed'; keys?: readonly string[]; fault: ReadFault; detail: string }
  /** A sign of life without a word: a heartbeat, an empty poll, a registration. */
  | { kind: 'alive' };

export type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | null;

/** 帧: one thing a device said (or failed to say), as the driver hands it on. */
export interface Frame {
  device: string;
  /** Milliseconds since 1970 UTC by the gateway's clock, taken when the last byte was there. */
  at: number;
  body: FrameBody;
  /**
   * A part of the device that is a device of its own: a detector behind a panel, by its address there. `key` is made of
   * a-z 0-9 - and is the same for the same part for ever; the part's profile is the device profile's `children` (`library/children.ts`).
   */
  child?: FrameChild;
}

export interface FrameChild {
  readonly key: string;
  readonly name: Text;
  readonly note?: string;
  /** Its profile, where the parent's `children` chooses it by the message; else the one that `children` names. */
  readonly profile?: string;
}
