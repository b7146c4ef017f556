import { aboutAt } from '@yihu/device-profiles/vocabulary/about-at.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';

/** All readings live in one measurement: device, point and profile are tags. */
export const measurement = 'reading';
/** A whole number that a double does not hold: kept as digits in `exact`, and rounded in `value` so that it can be drawn. */
const wholeNumber = /^-?\d{16,20}$/;
// A backslash in front of a separator, or at the end, cannot be said in line protocol; nor can a control character.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unsayable = /\\[,= ]|\\$|[\u0000-\u001f\u007f]|^$/;

export type Line = { readonly line: string } | { readonly reason: string };

/** Nanoseconds in a millisecond: the room below a reading's time to tell readings of the same millisecond apart. */
const nsPerMs = 1_000_000n;

/**
 * One reading in line protocol, time in nanoseconds: its millisecond and `tieNs`, below a million. InfluxDB keeps one point per
 * series and time, so two readings of one millisecond need two ties, and the same reading the same tie each time. Each kind of value has a field of its own, so that our own writing
 * can never cause a type conflict: `value` float, `flag` boolean, `text` and `exact` strings, `quality` string.
 */
export function lineOf(device: string, profile: string, reading: Reading, tieNs = 0): Line {
  const tags = [device, reading.point, profile];
  if (tags.some((tag) => unsayable.test(tag))) return { reason: 'a name that line protocol cannot say' };
  const [deviceTag, pointTag, profileTag] = tags.map(escapeTag);
  const fields = [...fieldsOf(reading.value), `quality=${quote(reading.quality)}`].join(',');
  return {
    line: `${measurement},device=${deviceTag},point=${pointTag},profile=${profileTag} ${fields} ${BigInt(aboutAt(reading)) * nsPerMs + BigInt(tieNs)}`,
  };
}

function fieldsOf(value: Reading['value']): string[] {
  if (value === null) return [];
  if (typeof value === 'boolean') return [`flag=${value}`];
  if (typeof value === 'number') return [`value=${value}`];
  return wholeNumber.test(value) ? [`exact=${quote(value)}`, `value=${Number(value)}`] : [`text=${quote(value)}`];
}

function escapeTag(tag: string): string {
  return tag.replaceAll(/[,= ]/g, '\\$&');
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
