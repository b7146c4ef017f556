import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue, catalogueMarkdown } from '@yihu/device-profiles/library/catalogue.ts';
import { loadLibrary } from '@yihu/device-profiles/library/load.ts';
import { categories } from '@yihu/device-profiles/vocabulary/profile.ts';

const { profiles } = await loadLibrary();
const rows = catalogue(profiles.values());
const file = join(import.meta.dirname, '../../docs/devices.md');

it('docs/devices.md is what the files say; UPDATE_GOLDEN=1 writes it', async () => {
  const text = catalogueMarkdown(rows);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(file, text);
  expect(await readFile(file, 'utf8')).toBe(text);
});

it('stands in the order of the classes, each profile once', () => {
  const places = rows.map(({ category }) => categories.indexOf(category));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(profiles.size);
});
