import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compileBytes, type ReadBytes } from './bytes.ts';
import { bad, compileInterpret, type Interpret, type Meaning } from './interpret.ts';

type Body<K extends FrameBody['kind']> = Extract<FrameBody, { kind: K }>;

export interface ItemDecoder {
  items(body: Body<'items'>, at: number): Reading[];
  missed(body: Body<'missed'>, at: number): Reading[];
}

interface Compiled {
  readonly id: string;
  readonly read: ReadBytes;
  readonly interpret: Interpret;
}

/** Prepares the points whose `at` is a key: each item is the bytes of one value (DL/T 645 data identifiers). */
export function compileItems(profile: Profile): ItemDecoder {
  const byKey = new Map<string, Compiled[]>();
  for (const [id, point] of Object.entries(profile.points)) {
    if (typeof point.at !== 'string') continue;
    const compiled = { id, read: compileBytes(point, profile.defaults.order), interpret: compileInterpret(point) };
    byKey.set(point.at, [...(byKey.get(point.at) ?? []), compiled]);
  }
  return {
    items: ({ items }, at) =>
      items.flatMap(({ key, bytes }) =>
        (byKey.get(key) ?? []).map(({ id, read, interpret }) => ({ point: id, ...meaning(read, interpret, bytes), at })),
      ),
    missed: ({ keys, fault }, at) =>
      [...byKey]
        .filter(([key]) => keys === undefined || keys.includes(key))
        .flatMap(([, points]) => points.map(({ id }) => ({ point: id, ...bad(fault), at }))),
  };
}

function meaning(read: ReadBytes, interpret: Interpret, bytes: Uint8Array): Meaning {
  const raw = read(bytes);
  return raw === null ? bad('too-short') : interpret(raw);
}
