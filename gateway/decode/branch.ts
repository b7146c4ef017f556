import type { Point, Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compileEvent } from './event.ts';
import { bad, compileInterpret, type Interpret, type Meaning } from './interpret.ts';
import { follow, type Path, parsePath } from './path.ts';
import { expectationOf, fromJson, fromText } from './typed.ts';
import type { Raw } from './wire.ts';

type BranchSource = Profile['decode'][string][number];

/** One way to read a message of a channel. */
export interface Branch {
  readonly needsJson: boolean;
  holds(json: unknown): boolean;
  take(text: string, json: unknown, at: number): { readings: Reading[]; events: DeviceEvent[] };
}

export function compileBranch(profile: Profile, source: BranchSource): Branch {
  const fields = Object.entries(source.json ?? {}).map(([id, path]) => compileField(profile, id, parsePath(path)));
  const text = source.text === undefined ? undefined : compileTextField(profile, source.text);
  const event = source.event === undefined ? undefined : compileEvent(profile, source.event);
  return {
    needsJson: source.when !== undefined || source.json !== undefined || source.event !== undefined,
    holds: compileTest(source.when),
    take(whole, json, at) {
      const readings: Reading[] = [];
      if (text !== undefined) readings.push(text(whole, at));
      for (const field of fields) {
        const reading = field(json, at);
        if (reading !== undefined) readings.push(reading);
      }
      const happened = event?.(json, at);
      return { readings, events: happened === undefined ? [] : [happened] };
    },
  };
}

function compileTest(test: BranchSource['when']): (json: unknown) => boolean {
  if (test === undefined) return () => true;
  if ('path' in test) {
    const path = parsePath(test.path);
    return (json) => follow(json, path) === test.equals;
  }
  const path = parsePath(test.exists);
  return (json) => (follow(json, path) ?? null) !== null;
}

/** A missing path is no reading: many devices send only what changed. */
function compileField(profile: Profile, id: string, path: Path): (json: unknown, at: number) => Reading | undefined {
  const point = pointOf(profile, id);
  const expected = expectationOf(point);
  const interpret = compileInterpret(point);
  return (json, at) => {
    const found = follow(json, path);
    if (found === undefined) return undefined;
    return { point: id, ...meaning(fromJson(found, expected), interpret), at };
  };
}

function compileTextField(
  profile: Profile,
  { point: id, map }: NonNullable<BranchSource['text']>,
): (text: string, at: number) => Reading {
  const point = pointOf(profile, id);
  const expected = expectationOf(point);
  const interpret = compileInterpret(point);
  const names = map === undefined ? undefined : new Map(Object.entries(map));
  return (text, at) => {
    const word = text.trim();
    if (names === undefined) return { point: id, ...meaning(fromText(word, expected), interpret), at };
    const mapped = names.get(word);
    const said = mapped === undefined ? bad('invalid-value') : meaning(fromJson(mapped, expected), interpret);
    return { point: id, ...said, at };
  };
}

function meaning(raw: { raw: Raw } | Meaning, interpret: Interpret): Meaning {
  return 'raw' in raw ? interpret(raw.raw) : raw;
}

function pointOf(profile: Profile, id: string): Point {
  const point = Object.hasOwn(profile.points, id) ? profile.points[id] : undefined;
  if (point === undefined) throw new Error(`profile ${profile.id}: no point ${id} (the loader checks this)`);
  return point;
}
