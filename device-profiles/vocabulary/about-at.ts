import type { Reading } from './reading.ts';

/** The time a reading is about: under it a history keeps it. */
export function aboutAt({ at, deviceAt, historical }: Reading): number {
  return historical === true ? (deviceAt ?? at) : at;
}
