import type { Chance } from '../random.ts';
import { type Fault, type FaultName, nameOf } from './faults.ts';
import { noise } from './noise.ts';

/** A good message, and what a wire has to know of it to make a bad one. */
export interface Good {
  readonly bytes: Buffer;
  /** What it answers; nothing where nobody asked. */
  readonly request?: Buffer;
  /** The same message as if another device had said it. */
  readonly readdressed?: () => Uint8Array;
  /** Where the last byte of the checksum is, from the end: 1 is the last byte. */
  readonly checksumFromEnd?: number;
}

/** What a wire makes of a good message: the bytes to send instead. Faults that are not of bytes leave it as it is. */
export function spoilt(fault: Fault | null, good: Good, random: Chance): Buffer {
  const { bytes } = good;
  return (fault === null ? undefined : spoilers[nameOf(fault)])?.(good, random) ?? bytes;
}

const spoilers: Readonly<Partial<Record<FaultName, (good: Good, random: Chance) => Buffer>>> = {
  garbage: (_, random) => noise(random),
  'wrong-unit': ({ bytes, readdressed }) => (readdressed ? Buffer.from(readdressed()) : bytes),
  'bad-crc': ({ bytes, checksumFromEnd = 1 }) => flipped(bytes, bytes.length - checksumFromEnd),
  echo: ({ bytes, request = Buffer.alloc(0) }) => Buffer.concat([request, bytes]),
  truncated: ({ bytes }) => bytes.subarray(0, -3),
  stray: ({ bytes }, random) => Buffer.concat([noise(random).subarray(0, 7), bytes]),
};

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x5a;
  return copy;
}
