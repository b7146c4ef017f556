import { z } from 'zod';
import { jsonAs } from '../../json-as.ts';
import { limits } from './limits.ts';

/** From and to, both included. */
export type Range = readonly [from: number, to: number];

/** 流水号: how far a device's own numbering of its events was followed, and what is missing in it. */
export interface Serials {
  readonly last: number;
  /** The device's time of the newest event, ms since 1970 UTC; null where it gives none. */
  readonly newestAt: number | null;
  /** In order, never touching each other, all below `last`. */
  readonly missing: readonly Range[];
}

const Saved = z.object({
  last: z.number().int().nonnegative(),
  newestAt: z.number().nullable(),
  missing: z.array(z.tuple([z.number().int(), z.number().int()])).max(limits.missingRanges),
});

/** As it was kept; null where there is nothing, or nothing that can be read. */
export function loadSerials(text: string | undefined): Serials | null {
  return text === undefined ? null : jsonAs(Saved, text);
}

/**
 * An event with its number. A jump forward leaves a gap. A low number with a time newer than all before is a device that
 * counts from the beginning again (its memory was cleared): what it counted until now is missing.
 */
export function hear(before: Serials | null, serial: number, deviceAt: number | null): Serials {
  if (before === null) return { last: serial, newestAt: deviceAt, missing: [] };
  const newestAt = Math.max(before.newestAt ?? -Infinity, deviceAt ?? -Infinity);
  const at = Number.isFinite(newestAt) ? newestAt : null;
  if (serial > before.last) {
    const gap: Range[] = serial > before.last + 1 ? [[before.last + 1, serial - 1]] : [];
    return { last: serial, newestAt: at, missing: bounded([...before.missing, ...gap]) };
  }
  const isMissing = before.missing.some(([from, to]) => from <= serial && serial <= to);
  if (isMissing) return { last: before.last, newestAt: at, missing: without(before.missing, [serial, serial]) };
  const beganAgain = deviceAt !== null && before.newestAt !== null && deviceAt > before.newestAt && serial < before.last;
  if (!beganAgain) return { ...before, newestAt: at };
  return { last: serial, newestAt: at, missing: serial > 1 ? bounded([[1, serial - 1]]) : [] };
}

/** The device was asked for all of them and has no more to say. */
export function settled(before: Serials, range: Range): Serials {
  return { ...before, missing: without(before.missing, range) };
}

/** An event that could not be kept is missing again. */
export function lost(before: Serials, serial: number): Serials {
  if (serial > before.last) return before;
  const missing = [...without(before.missing, [serial, serial]), [serial, serial] as Range].sort(([a], [b]) => a - b);
  return { ...before, missing: bounded(joined(missing)) };
}

function without(missing: readonly Range[], [low, high]: Range): Range[] {
  return missing.flatMap(([from, to]): Range[] => {
    if (to < low || from > high) return [[from, to]];
    return [...(from < low ? [[from, low - 1] as Range] : []), ...(to > high ? [[high + 1, to] as Range] : [])];
  });
}

function joined(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges) {
    const before = result.at(-1);
    if (before && from <= before[1] + 1) before[1] = Math.max(before[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** Of too many ranges, or too many numbers, the oldest are given up. */
function bounded(ranges: readonly Range[]): Range[] {
  const kept: Range[] = [];
  let room: number = limits.missingSerials;
  for (const [from, to] of ranges.slice(-limits.missingRanges).toReversed()) {
    if (room <= 0) break;
    const start = Math.max(from, to - room + 1);
    kept.unshift([start, to]);
    room -= to - start + 1;
  }
  return kept;
}
