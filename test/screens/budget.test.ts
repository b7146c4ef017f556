import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildScreens } from './built.ts';

/** What a person downloads for a screen, gzipped: script and style of its entry and of all that it imports. */
interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

const budgetsKb: Record<string, number> = { 'index.html': 130, 'dispatcher/index.html': 150, 'property/index.html': 180 };

let screens: Awaited<ReturnType<typeof buildScreens>>;
let manifest: Record<string, Chunk>;
beforeAll(async () => {
  screens = await buildScreens();
  manifest = JSON.parse(readFileSync(path.join(screens.dist, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;
});
afterAll(() => screens.remove());

function filesOf(entry: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[entry];
  if (chunk === undefined) throw new Error(`the manifest has no ${entry}`);
  if (seen.has(chunk.file)) return seen;
  for (const file of [chunk.file, ...(chunk.css ?? [])]) seen.add(file);
  for (const each of chunk.imports ?? []) filesOf(each, seen);
  return seen;
}

test.each(Object.entries(budgetsKb))('%s stays within %d kB gzipped', (entry, budgetKb) => {
  const bytes = [...filesOf(entry)].reduce((sum, file) => sum + gzipSync(readFileSync(path.join(screens.dist, file))).length, 0);
  expect(bytes / 1000).toBeLessThanOrEqual(budgetKb);
});

test('no page needs an inline script or style', () => {
  for (const entry of Object.keys(budgetsKb)) {
    const html = readFileSync(path.join(screens.dist, entry), 'utf8');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)/);
    expect(html).not.toMatch(/https?:\/\//);
  }
});

test('no schema library travels to the browser', () => {
  for (const entry of Object.keys(budgetsKb))
    for (const file of filesOf(entry)) expect(readFileSync(path.join(screens.dist, file), 'utf8')).not.toContain('ZodError');
});
