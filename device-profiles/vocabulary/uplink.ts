import { z } from 'zod';
import { EnvelopeHeader } from './envelope.ts';
import { maxPictureBytes, Picture, SnapshotId } from './snapshot.ts';

/**
 * `yihu-uplink/1` on MQTT: a gateway speaks on `gw/<id>/hello`, `up` and `beat`, the cloud answers on `gw/<id>/cursor`.
 * The cursor is the only acknowledgement; MQTT's PUBACK is flow control. Pictures travel beside the lanes: parts of them on
 * `blob`, each answered on `kept`, and only after the cloud has said there that it takes pictures. A certificate is renewed by
 * `renew`, answered on `certificate`. What site runs is said on `site`; the cloud pushes another one on `command`. What
 * becomes of an installer's test alarm comes back on `witness`.
 */
export const spokenWords = ['hello', 'up', 'beat', 'blob', 'renew', 'site'] as const;
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

/**
 * One part of a picture: of the picture with this id, `bytes` long in all, what begins at `offset`. The next part is sent
 * when this one is answered, so that an alarm never waits behind more than one.
 */
export const BlobHeader = z.strictObject({
  schema: z.literal('yihu-uplink/1'),
  id: SnapshotId,
  bytes: Picture.shape.bytes,
  sha256: Picture.shape.sha256,
  offset: z.number().int().nonnegative().max(maxPictureBytes),
});
export type BlobHeader = z.infer<typeof BlobHeader>;

/** A part is at most this long: a second of a thin line (256 kbit/s). */
export const blobPartBytes = 32 * 1024;

/**
 * What the cloud says of pictures: that it takes them at all, and after each part how far it has the picture. `more`: send
 * on from `have`. `kept`: it is committed, or wanted no more. `unknown`: its record has not come yet. `refused`: it will
 * never be taken.
 */
export const BlobWord = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({
    id: SnapshotId,
    have: z.number().int().nonnegative(),
    state: z.enum(['more', 'kept', 'unknown', 'refused']),
  }),
]);
export type BlobWord = z.infer<typeof BlobWord>;
export type BlobAnswer = Exclude<BlobWord, { ready: true }>;

const headerLengthBytes = 2;
const maxHeaderBytes = 1024;

/** One batch as it travels: two bytes of header length (big-endian), the header as JSON, the blob as it lies in the log. */
export function encodeUp(header: EnvelopeHeader, blob: Uint8Array): Buffer {
  return join(header, blob);
}

/** @throws where the header's length, its JSON or a field of it is not what `encodeUp` writes. */
export function decodeUp(frame: Buffer): { header: EnvelopeHeader; blob: Buffer } {
  const { json, rest } = split(frame);
  const header = EnvelopeHeader.parse(json);
  if (header.last < header.first) throw new Error(`batch ends at ${header.last} before it begins at ${header.first}`);
  return { header, blob: rest };
}

/** One part of a picture as it travels: a header as in front of a batch, then the bytes. */
export function encodeBlob(header: BlobHeader, part: Uint8Array): Buffer {
  return join(header, part);
}

/** @throws where it is not what `encodeBlob` writes, or the part lies outside of its picture. */
export function decodeBlob(frame: Buffer): { header: BlobHeader; part: Buffer } {
  const { json, rest } = split(frame);
  const header = BlobHeader.parse(json);
  if (rest.length === 0 || rest.length > blobPartBytes || header.offset + rest.length > header.bytes)
    throw new Error(`a part of ${rest.length} bytes at ${header.offset} does not fit a picture of ${header.bytes}`);
  return { header, part: rest };
}

function join(header: object, rest: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const frame = Buffer.allocUnsafe(headerLengthBytes + json.length + rest.length);
  frame.writeUInt16BE(json.length, 0);
  json.copy(frame, headerLengthBytes);
  frame.set(rest, headerLengthBytes + json.length);
  return frame;
}

function split(frame: Buffer): { json: unknown; rest: Buffer } {
  if (frame.length < headerLengthBytes) throw new Error('an uplink frame is at least two bytes long');
  const length = frame.readUInt16BE(0);
  const end = headerLengthBytes + length;
  if (length > maxHeaderBytes || end > frame.length) throw new Error(`header length ${length} does not fit the frame`);
  return { json: JSON.parse(frame.toString('utf8', headerLengthBytes, end)) as unknown, rest: frame.subarray(end) };
}
