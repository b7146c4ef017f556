import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { follow, parsePath } from './path.ts';

export type ReadTime = (json: unknown) => number | undefined;

/** Reads the device's own time from a message, in ms since 1970 UTC; `undefined` where it gives none that can be read. */
export function compileTime(time: NonNullable<Profile['time']>): ReadTime {
  const path = parsePath(time.from);
  const { format } = time;
  return (json) => {
    const raw = follow(json, path);
    if (format === 'rfc3339') return typeof raw === 'string' ? parseRfc3339(raw) : undefined;
    if (typeof raw !== 'number') return undefined;
    const ms = Math.round(format === 'unix-s' ? raw * 1000 : raw);
    return ms >= 0 && ms <= latest ? ms : undefined;
  };
}

/** The end of the year 9999. */
const latest = 253_402_300_799_999;
const pattern = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** RFC 3339 §5.6, ms since 1970 UTC; the zone must be said, a leap second counts as the second before. */
export function parseRfc3339(text: string): number | undefined {
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  const number = (index: number): number => Number(parts[index] ?? 0);
  const [month, day, hour, minute] = [number(2), number(3), number(4), number(5)];
  const second = Math.min(number(6), 59);
  const [zoneHour, zoneMinute] = [number(9), number(10)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(number(1), month)) return undefined;
  if (hour > 23 || minute > 59 || number(6) > 60 || zoneHour > 23 || zoneMinute > 59) return undefined;
  const local = Date.UTC(number(1), month - 1, day, hour, minute, second) + Math.floor(number(7) * 1000);
  const zone = (zoneHour * 60 + zoneMinute) * 60_000;
  const ms = parts[8] === '-' ? local + zone : local - zone;
  return ms >= 0 && ms <= latest ? ms : undefined;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
