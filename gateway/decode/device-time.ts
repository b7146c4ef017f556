import type { TimeSource } from '@yihu/device-profiles/vocabulary/message.ts';
import { type Calendar, latest, usualZone, zonedMs } from './calendar.ts';
import { follow, parsePath, type Place, wordOf } from './path.ts';

/** Reads a time of the device's, in ms since 1970 UTC; `undefined` where it gives none that can be read. */
export type ReadTime = (place: Place) => number | undefined;

export function compileTime({ from, format, zone: own }: TimeSource, zone = usualZone): ReadTime {
  const paths = [from].flat().map(parsePath);
  const read = compileFormat(format, own ?? zone);
  return (place) => {
    for (const path of paths) {
      const found = follow(place, path);
      if (found !== undefined) return read(found);
    }
    return undefined;
  };
}

function compileFormat(format: string, zone: string): (found: unknown) => number | undefined {
  if (format === 'rfc3339') return (found) => (typeof found === 'string' ? parseRfc3339(found) : undefined);
  if (format === 'unix-s') return (found) => sinceEpoch(found, 1000);
  if (format === 'unix-ms') return (found) => sinceEpoch(found, 1);
  const layout = compileLayout(format);
  return (found) => {
    const time = layout(wordOf(found) ?? '');
    return time === undefined ? undefined : zonedMs(time, zone);
  };
}

/** Seconds or milliseconds, as a number or as its digits. */
function sinceEpoch(found: unknown, unitMs: number): number | undefined {
  const number = typeof found === 'string' && /^\d{1,16}(\.\d{1,9})?$/.test(found.trim()) ? Number(found) : found;
  if (typeof number !== 'number') return undefined;
  const ms = Math.round(number * unitMs);
  return ms >= 0 && ms <= latest ? ms : undefined;
}

const layoutParts = { YYYY: 4, YY: 2, MM: 2, DD: 2, HH: 2, mm: 2, ss: 2, SSS: 3 } as const;
type LayoutPart = keyof typeof layoutParts;

/** `YYYY-MM-DD HH:mm:ss` as a reader of such texts. */
function compileLayout(layout: string): (text: string) => Calendar | undefined {
  const parts: LayoutPart[] = [];
  const pattern = layout.replaceAll(/YYYY|YY|MM|DD|HH|mm|ss|SSS|[^A-Za-z0-9]/g, (word) => {
    if (!Object.hasOwn(layoutParts, word)) return `\\${word}`;
    parts.push(word as LayoutPart);
    return `(\\d{${layoutParts[word as LayoutPart]}})`;
  });
  const whole = new RegExp(`^${pattern.replaceAll(/\\ /g, ' +')}$`);
  return (text) => {
    const match = text.length > 40 ? null : whole.exec(text.trim());
    if (match === null) return undefined;
    const value = (part: LayoutPart, usual: number): number => {
      const at = parts.indexOf(part);
      return at === -1 ? usual : Number(match[at + 1]);
    };
    const year = parts.includes('YYYY') ? value('YYYY', 0) : 2000 + value('YY', 0);
    const [month, day, hour] = [value('MM', 1), value('DD', 1), value('HH', 0)];
    return { year, month, day, hour, minute: value('mm', 0), second: value('ss', 0), ms: value('SSS', 0) };
  };
}

const pattern = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** RFC 3339 §5.6, ms since 1970 UTC; the zone must be said, a leap second counts as the second before. */
export function parseRfc3339(text: string): number | undefined {
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  const number = (index: number): number => Number(parts[index] ?? 0);
  if (number(9) > 23 || number(10) > 59) return undefined;
  const ms = Math.floor(number(7) * 1000);
  const time = { year: number(1), month: number(2), day: number(3), hour: number(4), minute: number(5), second: number(6), ms };
  const zone = parts[8] === undefined ? 'Z' : `${parts[8]}${parts[9]}:${parts[10]}`;
  return zonedMs(time, zone);
}
