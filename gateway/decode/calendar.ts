/** A time by the calendar, without a zone. */
export interface Calendar {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms?: number;
}

/** The end of the year 9999, ms since 1970. */
export const latest = 253_402_300_799_999;
/** What the country uses; a profile or a site may say otherwise. */
export const usualZone = '+08:00';

/** Whether there is such a time. A leap second is one (and counts as the second before). */
function isCalendar({ year, month, day, hour, minute, second }: Calendar): boolean {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false;
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Milliseconds since 1970 UTC of a time in a zone: `Z`, `+08:00` or a name of the tz database; `undefined` where there is no such time. */
export function zonedMs(time: Calendar, zone: string): number | undefined {
  if (!isCalendar(time)) return undefined;
  const { year, month, day, hour, minute, second, ms = 0 } = time;
  const local = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59)) + ms;
  const utc = local - offsetMs(zone, local);
  return utc >= 0 && utc <= latest ? utc : undefined;
}

/** How far the zone is ahead of UTC at a time of its own. At the hour that a change of clocks skips or doubles, the offset of before. */
function offsetMs(zone: string, local: number): number {
  if (zone === 'Z') return 0;
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(zone);
  if (fixed !== null) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  const guess = offsetAt(zone, local);
  const again = offsetAt(zone, local - guess);
  return again === guess ? guess : offsetAt(zone, local - Math.max(guess, again));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetAt(zone: string, utc: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    const digits = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...digits });
    formats.set(zone, format);
  }
  const whole = Math.floor(utc / 1000) * 1000;
  const parts = Object.fromEntries(format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}

/** `YYYY-MM-DD HH:mm:ss`, as readings of the wire pass a time on. */
export function calendarText({ year, month, day, hour, minute, second }: Calendar): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

/** The reverse of `calendarText`. */
export function parseCalendar(text: string): Calendar | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { year, month, day, hour, minute, second };
}

/**
 * The time in the bytes of a time type, year first. `undefined` where there is no such time: a device that has lost its clock
 * often sends zeros or FF.
 */
export function timeOfBytes(type: string, bytes: Uint8Array): Calendar | undefined {
  const numbers = type.startsWith('bcd') ? [...bytes].map(bcd) : [...bytes];
  if (numbers.some(Number.isNaN)) return undefined;
  const [century, rest] = bytes.length === 7 ? [numbers[0] as number, numbers.slice(1)] : [20, numbers];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest;
  if (year > 99) return undefined;
  const time = { year: century * 100 + year, month, day, hour, minute, second };
  return isCalendar(time) ? time : undefined;
}

function bcd(byte: number): number {
  const [tens, ones] = [byte >> 4, byte & 15];
  return tens > 9 || ones > 9 ? Number.NaN : tens * 10 + ones;
}
