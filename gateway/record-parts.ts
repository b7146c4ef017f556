import type { Stamp } from './clock.ts';
import type { Evaluated } from './evaluate/evaluate.ts';
import { limits } from './limits.ts';

/** What became of one delivery, in as many records as its bounds ask for; that the device came or went stands in the first. */
export function* inParts({ events, transitions, availability }: Evaluated) {
  const size = limits.recordEvents;
  const end = Math.max(events.length, transitions.length, 1);
  for (let i = 0; i < end; i += size) {
    yield {
      events: events.slice(i, i + size),
      transitions: transitions.slice(i, i + size),
      ...(availability && i === 0 ? { availability } : {}),
    };
  }
}

/** The time of a record, as it stands in one. */
export function timeOf({ at, untimed }: Stamp): Stamp {
  return untimed === undefined ? { at } : { at, untimed };
}
