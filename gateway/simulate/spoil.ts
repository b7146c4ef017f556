import type { Chance } from '../random.ts';
import type { Fault } from './device.ts';
import { noise } from './noise.ts';

/** What a wire makes of a good answer: the bytes to send instead. `reframe`: the answer as if from another unit. */
export function disturbed(
  fault: Fault | null,
  answer: Buffer,
  { request, reframe, random }: { request: Buffer; reframe: (unit: number) => Buffer; random: Chance },
): Buffer {
  if (fault === 'wrong-unit') return reframe(((request[0] ?? 0) % 247) + 1);
  if (fault === 'bad-crc') return Buffer.concat([answer.subarray(0, -1), Buffer.from([(answer.at(-1) ?? 0) ^ 0x5a])]);
  if (fault === 'echo') return Buffer.concat([request, answer]);
  if (fault === 'truncated') return answer.subarray(0, -3);
  if (fault === 'stray') return Buffer.concat([noise(random).subarray(0, 7), answer]);
  return answer;
}
