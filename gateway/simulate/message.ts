import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { SimulatedDevice } from './device.ts';
import { SimulationError } from './device.ts';
import { rawOf } from './raw.ts';

type Branch = Profile['decode'][string][number];
type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;

/** Something a device says on one of its channels. */
export interface Said {
  readonly channel: string;
  readonly text: string;
}

/** One message per channel that carries values, with every value of the device now. */
export function stateMessages(device: SimulatedDevice, at: number): Said[] {
  const { will } = device.profile.availability;
  return Object.entries(device.profile.decode).flatMap(([channel, branches]) => {
    const branch = branches.find((each) => !each.event && (each.json || each.text));
    if (!branch || channel === will?.channel) return [];
    return [{ channel, text: branch.text ? wordOf(device, branch.text, at) : jsonOf(device, branch, at) }];
  });
}

/** What an event carries besides its type; `data` by the names of the profile. */
export interface Happening {
  readonly serial: number;
  readonly data: Readonly<Record<string, Value>>;
  readonly at: number;
}

/** The message that makes the gateway see an event of this type. Throws SimulationError where the profile has none. */
export function eventMessage(device: SimulatedDevice, type: string, { serial, data, at }: Happening): Said {
  for (const [channel, branches] of Object.entries(device.profile.decode)) {
    for (const branch of branches) {
      const code = branch.event && codeOf(device.profile, branch.event, type);
      if (!branch.event || code === undefined) continue;
      const json = frameOf(device, branch, at);
      placeCode(json, branch.event.code, code);
      if (branch.event.serial) place(json, branch.event.serial, serial);
      for (const [key, path] of Object.entries(branch.event.data ?? {})) {
        if (data[key] !== undefined) place(json, path, data[key]);
      }
      return { channel, text: JSON.stringify(json) };
    }
  }
  const known = eventTypes(device.profile).join(', ') || '—';
  throw new SimulationError(
    `设备 ${device.id} 没有事件 ${type}；可用：${known}`,
    `Device ${device.id} has no event ${type}; it has: ${known}`,
  );
}

/** Types of events a profile can give. */
export function eventTypes(profile: Profile): string[] {
  const branches = Object.values(profile.decode).flat();
  const types = branches.flatMap(({ event }) => {
    if (!event) return [];
    if (event.type !== undefined) return [event.type];
    return Object.values(profile.maps[event.map ?? ''] ?? {}).map((each) => each.type);
  });
  return [...new Set(types)];
}

/** '' where the type is fixed; undefined where this branch never gives the type. */
function codeOf(profile: Profile, event: NonNullable<Branch['event']>, type: string): string | undefined {
  if (event.type !== undefined) return event.type === type ? '' : undefined;
  const codes = Object.entries(profile.maps[event.map ?? ''] ?? {});
  return codes.find(([, entry]) => entry.type === type)?.[0];
}

function placeCode(json: Json, path: string | string[] | undefined, code: string): void {
  if (path === undefined || code === '') return;
  const paths = typeof path === 'string' ? [path] : path;
  // A code of several parts is written with "/" between them.
  const parts = paths.length === 1 ? [code] : code.split('/');
  paths.forEach((each, at) => place(json, each, numeric(parts[at] ?? '')));
}

function numeric(text: string): Json {
  return /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : text;
}

function wordOf(device: SimulatedDevice, text: NonNullable<Branch['text']>, at: number): string {
  const value = device.value(text.point, at);
  const mapped = Object.entries(text.map ?? {}).find(([, meaning]) => meaning === value)?.[0];
  return mapped ?? String(rawOf(device.profile.points[text.point] as Parameters<typeof rawOf>[0], value));
}

function jsonOf(device: SimulatedDevice, branch: Branch, at: number): string {
  const json = frameOf(device, branch, at);
  for (const [id, path] of Object.entries(branch.json ?? {})) {
    place(json, path, device.fault === 'exception' ? null : jsonValue(device, id, at));
  }
  return JSON.stringify(json);
}

/** What a branch asks for before its values: its condition, and the device's time. */
function frameOf({ profile }: SimulatedDevice, branch: Branch, at: number): Json {
  const json: Json = {};
  const { when } = branch;
  if (when && 'exists' in when) place(json, when.exists, {});
  else if (when) place(json, when.path, when.equals);
  if (profile.time) place(json, profile.time.from, timeText(profile.time.format, at));
  return json;
}

function timeText(format: 'rfc3339' | 'unix-s' | 'unix-ms', at: number): Json {
  if (format === 'unix-ms') return at;
  return format === 'unix-s' ? Math.floor(at / 1_000) : new Date(at).toISOString();
}

function jsonValue(device: SimulatedDevice, id: string, at: number): Json {
  const point = device.profile.points[id];
  const value: NonNullable<Value> = device.value(id, at);
  if (!point) return value;
  const raw = rawOf(point, value);
  return typeof raw === 'bigint' ? raw.toString() : raw;
}

/** Sets the value at a path such as `$.a[0]['b.c']`, making what is missing on the way. */
export function place(json: Json, path: string, value: Json): void {
  const steps = [...path.matchAll(/\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, name, index, quoted]) => name ?? quoted ?? Number(index),
  );
  let at = json as Record<string | number, Json>;
  steps.forEach((step, depth) => {
    const next = steps[depth + 1];
    // `exists` may have put an empty object where a value belongs now.
    if (next === undefined) at[step] = merged(at[step], value);
    else at = (at[step] ??= typeof next === 'number' ? [] : {}) as Record<string | number, Json>;
  });
}

function merged(there: Json | undefined, value: Json): Json {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return isEmpty && there !== undefined ? there : value;
}
