import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { follow, type Path, parsePath } from './path.ts';
import { isSafeText } from './text.ts';

type EventSource = NonNullable<Profile['decode'][string][number]['event']>;

/** Type of an event whose code the profile's map does not know: kept and shown, never dropped. */
export const unknownEvent = 'unknown';
const maxCodeLength = 64;

/** Prepares an event. A message in which its code is missing holds no event. */
export function compileEvent(profile: Profile, source: EventSource): (json: unknown, at: number) => DeviceEvent | undefined {
  const readCode = compileCode(source.code);
  const types = compileMap(profile, source.map);
  const serial = source.serial === undefined ? undefined : parsePath(source.serial);
  const data = Object.entries(source.data ?? {}).map(([key, path]) => ({ key, path: parsePath(path) }));
  return (json, at) => {
    const code = readCode(json);
    if (code === undefined && source.type === undefined) return undefined;
    const type = source.type ?? types.get(code ?? '') ?? unknownEvent;
    return {
      type,
      at,
      ...(code !== undefined && { code }),
      ...serialOf(json, serial),
      ...(data.length > 0 && { data: dataOf(json, data) }),
    };
  };
}

function compileMap(profile: Profile, name: string | undefined): Map<string, string> {
  const map = name !== undefined && Object.hasOwn(profile.maps, name) ? profile.maps[name] : undefined;
  return new Map(Object.entries(map ?? {}).map(([code, entry]) => [code, entry.type]));
}

function compileCode(source: EventSource['code']): (json: unknown) => string | undefined {
  if (source === undefined) return () => undefined;
  const paths = (typeof source === 'string' ? [source] : source).map(parsePath);
  return (json) => {
    const parts = paths.map((path) => wordOf(follow(json, path)));
    return parts.includes(undefined) ? undefined : parts.join('/').slice(0, maxCodeLength);
  };
}

/** A serial too long to keep whole is left out: a cut one would make two events look like one. */
function serialOf(json: unknown, path: Path | undefined): { serial?: string } {
  const serial = path === undefined ? undefined : wordOf(follow(json, path));
  return serial === undefined || serial.length > maxCodeLength ? {} : { serial };
}

function dataOf(json: unknown, fields: readonly { key: string; path: Path }[]): Record<string, Value> {
  const entries = fields.flatMap(({ key, path }): [string, Value][] => {
    const value = scalarOf(follow(json, path));
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

function scalarOf(found: unknown): Value | undefined {
  if (typeof found === 'bigint') return found.toString();
  if (typeof found === 'string') return isSafeText(found) ? found : undefined;
  if (typeof found === 'number') return Number.isFinite(found) ? found : undefined;
  return typeof found === 'boolean' ? found : undefined;
}

function wordOf(found: unknown): string | undefined {
  const value = scalarOf(found);
  return value === undefined || value === null ? undefined : String(value);
}
