const pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})([+-])(\d{2}):(\d{2})$/;

/** Milliseconds since 1970 UTC of `2026-11-23T10:00:00+08:00`; null where there is no such time. */
export function parseOffsetTime(written: string): number | null {
  const [, year, month, day, hour, minute, second, sign, offsetHours, offsetMinutes] = pattern.exec(written) ?? [];
  if (sign === undefined) return null;
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const;
  const local = Date.UTC(...parts);
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  if (Number(offsetHours) > 14 || Number(offsetMinutes) > 59) return null;
  // 31 April would be 1 May.
  const same = new Date(local).toISOString().slice(0, 19) === written.slice(0, 19);
  return same ? local - (sign === '-' ? -offset : offset) : null;
}

/** `2026-11-23T10:00:00+08:00`: the time by the clocks of `timeZone` with its offset, never "Z" (CAP 1.2 §3.3.2). */
export function offsetTime(at: number, timeZone: string): string {
  const whole = Math.floor(at / 1000) * 1000;
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(whole);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  const local = `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}`;
  const minutes = Math.round((Date.parse(`${local}Z`) - whole) / 60_000);
  const two = (number: number): string => String(number).padStart(2, '0');
  const size = Math.abs(minutes);
  // Zero is written with a minus there, as the standard asks of UTC.
  return `${local}${minutes > 0 ? '+' : '-'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
