import type { EventSource } from '@yihu/device-profiles/vocabulary/message.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { endOf } from '@yihu/device-profiles/library/event-types.ts';
import { compileWhen } from './condition.ts';
import type { Place } from './path.ts';
import { compileData, compileWord } from './source.ts';

/** Type of an event whose code the profile's map does not know: kept and shown, never dropped. */
const unknownEvent = 'unknown';
const maxCodeLength = 64;

export type TakeEvent = (place: Place, at: number) => DeviceEvent | undefined;

/** Prepares an event. A message in which its code is missing holds no event. */
export function compileEvent(profile: Profile, source: EventSource): TakeEvent {
  const holds = compileWhen(source.when);
  const isEnd = source.end === undefined ? () => false : compileWhen(source.end);
  const readCode = compileCode(source.code);
  const types = compileMap(profile, source.map);
  const serial = source.serial === undefined ? undefined : compileWord(source.serial);
  const data = Object.entries(source.data ?? {}).map(([key, from]) => ({ key, read: compileData(from) }));
  return (place, at) => {
    if (!holds(place)) return undefined;
    const code = readCode(place);
    if (code === undefined && source.type === undefined) return undefined;
    const begun = source.type ?? types.get(code ?? '');
    const type = begun === undefined ? unknownEvent : isEnd(place) ? endOf(begun) : begun;
    return {
      type,
      at,
      ...(code !== undefined && { code }),
      ...serialOf(serial?.(place)),
      ...(data.length > 0 && { data: dataOf(place, data) }),
    };
  };
}

function compileMap(profile: Profile, name: string | undefined): Map<string, string> {
  const map = name !== undefined && Object.hasOwn(profile.maps, name) ? profile.maps[name] : undefined;
  return new Map(Object.entries(map ?? {}).map(([code, entry]) => [code, entry.type]));
}

function compileCode(source: EventSource['code']): (place: Place) => string | undefined {
  if (source === undefined) return () => undefined;
  const words = [source].flat().map(compileWord);
  return (place) => {
    const parts = words.map((word) => word(place));
    return parts.includes(undefined) ? undefined : parts.join('/').slice(0, maxCodeLength);
  };
}

/** A serial too long to keep whole is left out: a cut one would make two events look like one. */
function serialOf(serial: string | undefined): { serial?: string } {
  return serial === undefined || serial.length > maxCodeLength ? {} : { serial };
}

function dataOf(
  place: Place,
  fields: readonly { key: string; read: (place: Place) => Value | undefined }[],
): Record<string, Value> {
  const entries = fields.flatMap(({ key, read }): [string, Value][] => {
    const value = read(place);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}
