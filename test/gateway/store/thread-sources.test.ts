import { describe, expect, it } from 'vitest';
import { threadSources } from '../../../gateway/store/thread-sources.ts';

describe('what a storage thread loads', () => {
  it.each(['log-worker.ts', 'history-worker.ts'])(
    'has no schemas in %s: they would be there once more in each thread',
    (name) => {
      const sources = threadSources(new URL(`../../../gateway/store/${name}`, import.meta.url));
      const others = [...sources].flatMap(([url, source]) =>
        [...source.matchAll(/^(?:import|export)\b[^;]*?from '((?!\.|@yihu\/|node:)[^']+)'/gm)].map(
          ([, from]) => `${url}: ${from}`,
        ),
      );
      expect(sources.size).toBeGreaterThan(5);
      expect(others).toEqual([]);
    },
  );
});
