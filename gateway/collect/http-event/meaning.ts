import { eventSources } from '@yihu/device-profiles/library/event-types.ts';
import { httpEventOf, type HttpEventTransport } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { at, compileConditions, type Holds, pathOf, wordAt } from './json-path.ts';
import { hashOf } from './seen.ts';

export interface MessageKey {
  readonly key: string;
  readonly windowMs: number;
}

/** What the driver itself wants to know of a message; everything else is the decoder's. */
export interface Meaning {
  readonly transport: HttpEventTransport;
  readonly isHeartbeat: Holds;
  readonly isHistorical: Holds;
  /** What makes it the same message when it comes again; undefined: it cannot be told. */
  keyOf(json: Json): MessageKey | undefined;
  serialOf(json: Json): number | undefined;
  /** The device's time, ms since 1970 UTC, good for telling newer from older; null where there is none. */
  timeOf(json: Json): number | null;
}

const compiled = new WeakMap<Profile, Meaning>();

export function meaningOf(profile: Profile): Meaning {
  const known = compiled.get(profile);
  if (known) return known;
  const meaning = compile(profile);
  compiled.set(profile, meaning);
  return meaning;
}

function compile(profile: Profile): Meaning {
  const transport = httpEventOf(profile);
  const serialPath = transport.serial === undefined ? undefined : pathOf(transport.serial);
  return {
    transport,
    isHeartbeat: compileConditions(transport.heartbeat),
    isHistorical: compileConditions(transport.historical),
    keyOf: compileKey(profile.dedupe),
    serialOf: (json) => (serialPath === undefined ? undefined : serialAt(json, serialPath)),
    timeOf: compileTime(profile.time),
  };
}

/** A serial number is a whole number that a double holds; anything else is none. */
export function serialAt(json: Json, path: ReturnType<typeof pathOf>): number | undefined {
  const word = wordAt(json, path);
  const serial = word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;
  return serial;
}

/** The profile's `dedupe`, where its paths lead into the message alone; what it says of records and envelopes is the decoder's. */
function compileKey(dedupe: Profile['dedupe']): Meaning['keyOf'] {
  if (dedupe === undefined || !dedupe.key.every((path) => /^\$[^?]*$/.test(path))) return () => undefined;
  const paths = dedupe.key.map(pathOf);
  return (json) => {
    const words = paths.map((path) => wordAt(json, path));
    if (words.includes(undefined)) return undefined;
    return { key: hashOf(words.map((word) => sameTime(word as string))), windowMs: dedupe.window };
  };
}

/** One moment may be spelled in two zones, in a push and in the answer to a search. */
function sameTime(word: string): string {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.{0,16}$/.test(word) ? Date.parse(word) : NaN;
  return Number.isNaN(ms) ? word : String(ms);
}

function compileTime(time: Profile['time']): Meaning['timeOf'] {
  if (time === undefined) return () => null;
  const paths = [time.from].flat().map(pathOf);
  const scale = time.format === 'unix-s' ? 1_000 : 1;
  return (json) => {
    const word = paths.map((path) => wordAt(json, path)).find((found) => found !== undefined) ?? '';
    if (time.format.startsWith('unix')) return /^\d{1,15}(\.\d{1,9})?$/.test(word) ? Math.round(Number(word) * scale) : null;
    const ms = Date.parse(word);
    return Number.isNaN(ms) ? null : ms;
  };
}

/** For the trace: what the profile itself reads to tell messages apart, and nothing of what may be about a person. */
export function compileShown(profile: Profile): (json: Json) => string {
  const transport = httpEventOf(profile);
  const conditions = [...transport.heartbeat, ...transport.historical].flat().map(({ path }) => path);
  const branches = Object.values(profile.decode).flat();
  const codes = branches.flatMap(eventSources).flatMap(({ code }) => code ?? []);
  const tests = branches
    .flatMap(({ when }) => when ?? [])
    .map((test) => ('path' in test ? test.path : 'exists' in test ? test.exists : test.absent));
  const points = branches.flatMap(({ points: own }) =>
    Object.entries(own ?? {}).flatMap(([id, source]) => {
      if (profile.points[id]?.personal === true) return [];
      return typeof source === 'string' ? [source] : source.from;
    }),
  );
  const all = [...conditions, ...codes, ...tests, ...points, ...(transport.serial ? [transport.serial] : [])];
  const texts = all.filter((text) => text.startsWith('$'));
  const paths = [...new Set(texts)].map((text) => ({ text, path: pathOf(text) }));
  return (json) =>
    paths
      .flatMap(({ text, path }) => {
        const found = at(json, path);
        if (found === undefined) return [];
        const isShort = typeof found !== 'object' && String(found).length <= 48;
        return [`${text.replace(/^\$\.?/, '')}=${isShort ? JSON.stringify(found) : '…'}`];
      })
      .join(' ');
}
