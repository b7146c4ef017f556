/** `YYYYMMDDhhmmss[SSS]` in the station's zone as RFC 3339; undefined where it is no date. */
export function timeText(text: string | undefined, zone: string): string | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?$/.exec(text ?? '');
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 || year < 1970) return undefined;
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  const [, y = '', mo = '', d = '', h = '', mi = '', s = '', ms] = parts;
  return `${y}-${mo}-${d}T${h}:${mi}:${s}${ms === undefined ? '' : `.${ms}`}${zone}`;
}

/** `YYYYMMDDhhmmssSSS` of `at` (milliseconds since 1970 UTC) in the station's zone. */
export function timeStamp(at: number, zone: string): string {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(at + (sign === '-' ? -offset : offset)).toISOString().replaceAll(/\D/g, '');
}
