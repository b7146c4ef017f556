import { z } from 'zod';
import { EnvelopeHeader } from './envelope.ts';

/**
 * `yihu-uplink/1` on MQTT: a gateway speaks on `gw/<id>/hello`, `up` and `beat`, the cloud answers on `gw/<id>/cursor`.
 * The cursor is the only acknowledgement; MQTT's PUBACK is flow control.
 */
export const spokenWords = ['hello', 'up', 'beat'] as const;
export type SpokenWord = (typeof spokenWords)[number];

export function topicOf(gateway: string, word: string): string {
  return `gw/${gateway}/${word}`;
}

/** One packed batch on the wire may not be longer than this, header included. */
export const maxUplinkBytes = 1024 * 1024;

/** Heartbeat of a gateway, every ten seconds: its clock and how far its log has been written. */
export const Beat = z.strictObject({
  epoch: z.string().max(64),
  at: z.number().int(),
  last: z.strictObject({ alarm: z.number().int().nonnegative(), telemetry: z.number().int().nonnegative() }),
});
export type Beat = z.infer<typeof Beat>;

const headerLengthBytes = 2;
const maxHeaderBytes = 1024;

/** One batch as it travels: two bytes of header length (big-endian), the header as JSON, the blob as it lies in the log. */
export function encodeUp(header: EnvelopeHeader, blob: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const frame = Buffer.allocUnsafe(headerLengthBytes + json.length + blob.length);
  frame.writeUInt16BE(json.length, 0);
  json.copy(frame, headerLengthBytes);
  frame.set(blob, headerLengthBytes + json.length);
  return frame;
}

/** @throws where the header's length, its JSON or a field of it is not what `encodeUp` writes. */
export function decodeUp(frame: Buffer): { header: EnvelopeHeader; blob: Buffer } {
  if (frame.length < headerLengthBytes) throw new Error('an uplink frame is at least two bytes long');
  const length = frame.readUInt16BE(0);
  const end = headerLengthBytes + length;
  if (length > maxHeaderBytes || end > frame.length) throw new Error(`header length ${length} does not fit the frame`);
  const header = EnvelopeHeader.parse(JSON.parse(frame.toString('utf8', headerLengthBytes, end)));
  if (header.last < header.first) throw new Error(`batch ends at ${header.last} before it begins at ${header.first}`);
  return { header, blob: frame.subarray(end) };
}
