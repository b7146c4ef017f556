import { createHash } from 'node:crypto';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SnapshotOf, SnapshotRecord } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import { type BlobHeader, blobPartBytes } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { PictureIngest } from '../../../cloud/accept/ingest.ts';
import { corridor, mosaicJpeg } from '../../../gateway/simulate/jpeg.ts';

/** A picture as a gateway would have kept it, and what it says of it. */
export interface TestPicture {
  readonly id: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** `padBytes`: longer than one part on the wire. */
export function makePicture(seed = 1, padBytes = 0): TestPicture {
  const comment = padBytes === 0 ? {} : { comment: Buffer.alloc(padBytes, seed) };
  const bytes = mosaicJpeg({ columns: 40, rows: 22, ...comment }, corridor(40, 22, seed * 1000));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { id: createHash('sha256').update(`${seed}-${sha256}`).digest('hex').slice(0, 32), bytes, sha256 };
}

export function takenRecord({ id, bytes, sha256 }: TestPicture, camera: string, at: number, ...of: SnapshotOf[]): SnapshotRecord {
  return { kind: 'snapshot', id, camera, at, of, picture: { bytes: bytes.length, sha256, type: 'image/jpeg' } };
}

export function missingRecord(
  id: string,
  camera: string,
  at: number,
  missing: 'no-answer' | 'dropped',
  ...of: SnapshotOf[]
): LogRecord {
  return { kind: 'snapshot', id, camera, at, of, picture: { missing } };
}

export function headerOf({ id, bytes, sha256 }: TestPicture, offset: number): BlobHeader {
  return { schema: 'yihu-uplink/1', id, bytes: bytes.length, sha256, offset };
}

/** Sends a picture part by part as a gateway does; returns every answer. */
export async function sendPicture(pictures: PictureIngest, gateway: string, picture: TestPicture, at: number) {
  const answers: Awaited<ReturnType<PictureIngest['part']>>[] = [];
  for (let offset = 0; offset < picture.bytes.length;) {
    const part = picture.bytes.subarray(offset, offset + blobPartBytes);
    const answer = await pictures.part(gateway, headerOf(picture, offset), part, at);
    answers.push(answer);
    if (answer.state !== 'more') break;
    offset = answer.have;
  }
  return answers;
}
