/** The four Modbus tables (Modbus Application Protocol 1.1b3, §4.3). */
export const tables = ['coil', 'discrete', 'input', 'holding'] as const;
export type Table = (typeof tables)[number];

/** Why a read brought nothing; the points it covers become readings of quality `bad`. */
export type ReadFault = 'no-answer' | 'exception' | 'unsupported';

/** What a driver heard, before any meaning. */
export type FrameBody =
  /** 16-bit registers, `start` zero-based. */
  | { kind: 'registers'; table: 'input' | 'holding'; start: number; words: readonly number[] }
  /** Coils or discrete inputs, `start` zero-based. */
  | { kind: 'bits'; table: 'coil' | 'discrete'; start: number; bits: readonly boolean[] }
  /** A message: MQTT payload or HTTP body. `channel` is the key of the profile's `topics` it came by. */
  | { kind: 'message'; channel: string; topic: string; payload: Uint8Array }
  /** A read that failed, covering `count` addresses from `start`. */
  | { kind: 'fault'; table: Table; start: number; count: number; fault: ReadFault; detail: string };

/** 帧: one thing a device said (or failed to say), as the driver hands it on. */
export interface Frame {
  device: string;
  /** Milliseconds since 1970 UTC by the gateway's clock, taken when the last byte was there. */
  at: number;
  body: FrameBody;
}
