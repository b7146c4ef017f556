/** A time (ms since 1970 UTC) in one of the formats of a profile's `time`, by the clock of a zone. */
export function timeText(at: number, format: string, zone = '+08:00'): string {
  if (format === 'rfc3339') return new Date(at).toISOString();
  if (format === 'unix-ms') return String(at);
  if (format === 'unix-s') return String(Math.floor(at / 1000));
  const digits = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const;
  const clock = new Intl.DateTimeFormat('en-US', { timeZone: zone === 'Z' ? 'UTC' : zone, hourCycle: 'h23', ...digits });
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  const year = parts['year'] ?? '';
  const words: Readonly<Record<string, string | undefined>> = {
    YYYY: year,
    YY: year.slice(-2),
    MM: parts['month'],
    DD: parts['day'],
    HH: parts['hour'],
    mm: parts['minute'],
    ss: parts['second'],
    SSS: String(at % 1000).padStart(3, '0'),
  };
  return format.replaceAll(/YYYY|YY|MM|DD|HH|mm|ss|SSS/g, (word) => words[word] ?? '');
}
