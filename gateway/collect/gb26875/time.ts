/** 时间标签 (GB/T 26875.3-2011): six bytes, s, min, h, day, month, year − 2000, in the device's own zone. */

/** RFC 3339 in the zone given, or undefined where the bytes are no date (a clock that was never set is all zeros). */
export function timeText(bytes: Uint8Array, zone: string): string | undefined {
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = bytes;
  if (second > 59 || minute > 59 || hour > 23 || year > 99 || month < 1 || month > 12 || day < 1) return undefined;
  if (day > daysIn(2000 + year, month)) return undefined;
  const two = (number: number) => String(number).padStart(2, '0');
  return `${2000 + year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${zone}`;
}

/** `at`: milliseconds since 1970 UTC. */
export function timeBytes(at: number, zone: string): Uint8Array {
  const local = new Date(at + zoneMs(zone));
  return Uint8Array.from([
    local.getUTCSeconds(),
    local.getUTCMinutes(),
    local.getUTCHours(),
    local.getUTCDate(),
    local.getUTCMonth() + 1,
    local.getUTCFullYear() % 100,
  ]);
}

function zoneMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -ms : ms;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
