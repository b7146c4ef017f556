import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compileBytes, type ReadBytes } from './bytes.ts';
import { bad } from './interpret.ts';
import { compileSettle, type Found } from './relate.ts';

type Body<K extends FrameBody['kind']> = Extract<FrameBody, { kind: K }>;

export interface ItemDecoder {
  items(body: Body<'items'>, at: number): Reading[];
  missed(body: Body<'missed'>, at: number): Reading[];
}

interface Compiled {
  readonly id: string;
  readonly skip: number;
  readonly read: ReadBytes;
}

/** Prepares the points whose `at` is a key: an item is the bytes of one value (a DL/T 645 data identifier), or of several. */
export function compileItems(profile: Profile): ItemDecoder {
  const byKey = new Map<string, Compiled[]>();
  for (const [id, point] of Object.entries(profile.points)) {
    if (typeof point.at !== 'string') continue;
    const order = point.order ?? profile.defaults.order;
    const { type = 'u8', skip = 0 } = point;
    const compiled = { id, skip, read: compileBytes({ ...point, type }, order === 'DCBA' || order === 'BADC') };
    byKey.set(point.at, [...(byKey.get(point.at) ?? []), compiled]);
  }
  const settle = compileSettle(profile);
  return {
    items: ({ items }, at) =>
      settle(
        items.flatMap(({ key, bytes }) => (byKey.get(key) ?? []).map((each) => found(each, bytes))),
        at,
      ),
    missed: ({ keys, fault }, at) =>
      [...byKey]
        .filter(([key]) => keys === undefined || keys.includes(key))
        .flatMap(([, points]) => points.map(({ id }) => ({ point: id, ...bad(fault), at }))),
  };
}

function found({ id, skip, read }: Compiled, bytes: Uint8Array): Found {
  const raw = read(bytes.subarray(skip));
  return { point: id, found: raw === null ? bad('too-short') : { raw } };
}
