import type { Chance } from '../random.ts';

/** What a bad line or a broken device sends: 5 to 64 bytes of anything. */
export function noise(random: Chance): Buffer {
  return Buffer.from(Array.from({ length: 5 + Math.floor(random() * 60) }, () => Math.floor(random() * 256)));
}
