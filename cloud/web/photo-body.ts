import { plainJpeg, turnedJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';
import { limits } from '../limits.ts';
import { Refusal } from './problem.ts';

/**
 * What is kept of a photo somebody sent: judged by its bytes and not by its name, without the place, the time and the
 * owner's name that a phone writes into it. @throws Refusal where it is no JPEG, breaks off, or unfolds into too much.
 */
export function photoOf(sent: unknown, mostBytes: number): Buffer {
  if (!(sent instanceof Uint8Array) || sent.length === 0) throw new Refusal('not-a-photo');
  if (sent.length > mostBytes) throw new Refusal('photo-too-large');
  const plain = plainJpeg(sent);
  if (plain === undefined) throw new Refusal('not-a-photo');
  if (plain.width * plain.height > limits.photoPixels) throw new Refusal('photo-too-large');
  return turnedJpeg(plain);
}
