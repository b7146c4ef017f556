import type { EventSource, When } from '@yihu/device-profiles/vocabulary/message.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

/** What is true of a message: conditions that hold, and one that does not. */
export interface Conditions {
  readonly hold: readonly (When | undefined)[];
  readonly fails: When | undefined;
}

/** For a type that no map has: any code will do. */
const anyCode = 'SIM';

/**
 * The code of an event of this type, in its parts by path. The same place may be looked at by a condition: then one of the
 * map's codes that suits it, and where there is no map what the condition asks for stands there already.
 */
export function codeParts(
  profile: Profile,
  { code, map, type: fixed }: EventSource,
  type: string,
  conditions: Conditions,
): [path: string, part: string][] {
  if (code === undefined) return [];
  const paths = [code].flat();
  const known = Object.entries(profile.maps[map ?? ''] ?? {}).flatMap(([key, entry]) => (entry.type === type ? [key] : []));
  const spelt = known.map((text) => split(text, paths));
  const fitting = spelt.find((parts) => parts.every(([path, part]) => suits(path, part, conditions))) ?? spelt[0];
  if (fitting !== undefined) return fitting;
  if (fixed === undefined) return [];
  const free = paths.filter((path) => asked(conditions.hold, path).length === 0);
  return free.map((path) => [path, anyCode]);
}

/** A code of several parts is written with "/" between them. */
function split(text: string, paths: readonly string[]): [string, string][] {
  const parts = paths.length === 1 ? [text] : text.split('/');
  return paths.map((path, at) => [path, parts[at] ?? '']);
}

function suits(path: string, part: string, { hold, fails }: Conditions): boolean {
  const wanted = asked(hold, path);
  return wanted.every((words) => words.includes(part)) && !asked([fails], path).some((words) => words.includes(part));
}

/** The words that each test of a path lets stand there. */
function asked(conditions: readonly (When | undefined)[], path: string): string[][] {
  return conditions
    .flatMap((when) => when ?? [])
    .flatMap((test) => {
      if (!('path' in test) || test.path !== path) return [];
      return [('in' in test ? test.in : [test.equals]).map(String)];
    });
}
