import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildInstaller, buildScreens } from './built.ts';

/**
 * What a person downloads for a screen, gzipped. Its first load is script and style of its entry and of all that it
 * imports; what it fetches later has a bound of its own, and each such part must stand in the table.
 */
interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

const budgetsKb: Record<string, number> = {
  'index.html': 130,
  'dispatcher/index.html': 150,
  'property/index.html': 180,
  'phone/index.html': 180,
  'wall/index.html': 320,
};

/** A part that is fetched after the first paint: what it adds to what is there by then. */
const laterKb: Record<string, number> = {
  'dispatcher/DeskDialog.tsx': 10,
  'dispatcher/Trend.tsx': 35,
  'dispatcher/calls/part.ts': 33,
  // The words of needs and posts come with it.
  'dispatcher/tasks/part.ts': 24,
  'dispatcher/shift/part.ts': 15,
  'property/DeviceWhere.tsx': 10,
  'property/Plans.tsx': 10,
  'property/PlanEditor.tsx': 20,
  'property/Rules.tsx': 10,
  'property/Users.tsx': 20,
  'property/Notices.tsx': 20,
  'property/Links.tsx': 25,
};

/** The page of a gateway is a build of its own. */
const installerKb = 180;

type Manifest = Record<string, Chunk>;

let screens: Awaited<ReturnType<typeof buildScreens>>;
let installer: Awaited<ReturnType<typeof buildInstaller>>;
let manifest: Manifest;
beforeAll(async () => {
  [screens, installer] = [await buildScreens(), await buildInstaller()];
  manifest = manifestIn(screens.dist);
}, 120_000);
afterAll(() => {
  screens.remove();
  installer.remove();
});

function manifestIn(dist: string): Manifest {
  return JSON.parse(readFileSync(path.join(dist, '.vite/manifest.json'), 'utf8')) as Manifest;
}

function filesOf(entry: string, manifest: Manifest, seen = new Set<string>()): Set<string> {
  const chunk = manifest[entry];
  if (chunk === undefined) throw new Error(`the manifest has no ${entry}`);
  if (seen.has(chunk.file)) return seen;
  for (const file of [chunk.file, ...(chunk.css ?? [])]) seen.add(file);
  for (const each of chunk.imports ?? []) filesOf(each, manifest, seen);
  return seen;
}

test.each(Object.entries(budgetsKb))('%s stays within %d kB gzipped', (entry, budgetKb) => {
  expect(kilobytesOf(screens.dist, filesOf(entry, manifest))).toBeLessThanOrEqual(budgetKb);
});

test(`the installer's page stays within ${installerKb} kB gzipped`, () => {
  const files = filesOf('index.html', manifestIn(installer.dist));
  expect(kilobytesOf(installer.dist, files)).toBeLessThanOrEqual(installerKb);
});

test('what is fetched later has a bound as well, and nothing hides behind it', () => {
  const rows = Object.keys(budgetsKb).flatMap((entry) => {
    const first = filesOf(entry, manifest);
    return laterOf(entry, manifest).map((part) => {
      const own = new Set([...filesOf(part, manifest)].filter((file) => !first.has(file)));
      return { screen: entry, part, kB: kilobytesOf(screens.dist, own), bound: laterKb[part] };
    });
  });
  const firsts = Object.entries(budgetsKb).map(([entry, bound]) => {
    return { screen: entry, part: 'first load', kB: kilobytesOf(screens.dist, filesOf(entry, manifest)), bound };
  });
  console.table([...firsts, ...rows].map((row) => ({ ...row, kB: Math.round(row.kB * 10) / 10 })));
  for (const { part, kB, bound } of rows) {
    expect(bound, `${part} has no bound`).toBeDefined();
    expect(kB, part).toBeLessThanOrEqual(bound ?? 0);
  }
  expect(new Set(rows.map(({ part }) => part))).toEqual(new Set(Object.keys(laterKb)));
});

/** Every part a screen may fetch once it stands, and what those may fetch in turn. */
function laterOf(entry: string, manifest: Manifest): string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  const walk = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const each of manifest[name]?.imports ?? []) walk(each);
    for (const each of manifest[name]?.dynamicImports ?? []) {
      found.add(each);
      walk(each);
    }
  };
  walk(entry);
  return [...found];
}

function kilobytesOf(dist: string, files: ReadonlySet<string>): number {
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(path.join(dist, file))).length, 0) / 1000;
}

test('no page needs an inline script or style', () => {
  const pages = [
    ...Object.keys(budgetsKb).map((entry) => path.join(screens.dist, entry)),
    path.join(installer.dist, 'index.html'),
  ];
  for (const page of pages) {
    const html = readFileSync(page, 'utf8');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)/);
    expect(html).not.toMatch(/https?:\/\//);
  }
});

test('no schema library travels to the browser', () => {
  for (const entry of Object.keys(budgetsKb))
    for (const file of filesOf(entry, manifest))
      expect(readFileSync(path.join(screens.dist, file), 'utf8')).not.toContain('ZodError');
});
