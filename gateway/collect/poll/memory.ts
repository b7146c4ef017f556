import { z } from 'zod';
import { jsonAs } from '../../json-as.ts';
import type { Keep } from '../driver.ts';

/** 拆分记忆: which merged reads of a device had to be taken apart, so that a restart does not have to learn it again. */

const Kept = z.strictObject({ profile: z.string(), apart: z.array(z.string().max(64)).max(256) });

const keyOf = (device: string) => `apart/${device}`;

/** Keys of the reads of `device` that were taken apart under this profile (id and version); another profile begins anew. */
export function apartOf(kept: ReadonlyMap<string, string> | undefined, device: string, profile: string): Set<string> {
  const json = kept?.get(keyOf(device));
  if (json === undefined) return new Set();
  const memory = jsonAs(Kept, json);
  return new Set(memory?.profile === profile ? memory.apart : []);
}

/** What is to be kept from now on; forgotten are the oldest of more than 256. */
export function keepApart(device: string, profile: string, apart: Iterable<string>): Keep {
  return [[keyOf(device), JSON.stringify({ profile, apart: [...apart].slice(-256) })]];
}
