import type { When } from '@yihu/device-profiles/vocabulary/message.ts';
import { follow, isInside, parsePath, type Path, type Place, wordOf } from './path.ts';

export type Holds = (place: Place) => boolean;

interface Compiled {
  readonly path: Path;
  readonly holds: Holds;
}

export const always: Holds = () => true;

/** True where all tests of `when` hold. */
export function compileWhen(when: When | undefined): Holds {
  return allOf(testsOf(when));
}

/**
 * The tests that can be made before the parts at `opened` are read, and those that look into them: a test that does not hold
 * spares the reading.
 */
export function compilePhases(when: When | undefined, opened: readonly Path[]): { before: Holds; after: Holds } {
  const tests = testsOf(when);
  const looksInside = ({ path }: Compiled): boolean => opened.some((outer) => isInside(path, outer));
  return { before: allOf(tests.filter((test) => !looksInside(test))), after: allOf(tests.filter(looksInside)) };
}

function allOf(tests: readonly Compiled[]): Holds {
  if (tests.length === 0) return always;
  return (place) => tests.every(({ holds }) => holds(place));
}

function testsOf(when: When | undefined): Compiled[] {
  return [when ?? []].flat().map((test) => {
    const path = parsePath('exists' in test ? test.exists : 'absent' in test ? test.absent : test.path);
    const isThere: Holds = (place) => (follow(place, path) ?? null) !== null;
    if ('exists' in test) return { path, holds: isThere };
    if ('absent' in test) return { path, holds: (place: Place) => !isThere(place) };
    const wanted = new Set(('in' in test ? test.in : [test.equals]).map(String));
    return {
      path,
      holds: (place: Place) => {
        const word = wordOf(follow(place, path));
        return word !== undefined && wanted.has(word);
      },
    };
  });
}
