import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../dashboards/', import.meta.url));

/** The classes a style sheet gives their look, outside of every condition: `.plan {` at the start of a line. */
function classesOf(sheet: string): string[] {
  return [...sheet.matchAll(/(?<!,\n)^\.([\w-]+) \{$/gm)].map(([, name]) => name ?? '');
}

function sheetsOf(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.css'))
    .map((file) => path.join(folder, file));
}

/** A phone has larger ones of its own under the shared names; a wall says in one sheet where a tile stands, in another how it looks. */
const own: Readonly<Record<string, readonly string[]>> = { phone: ['choices', 'wrong'], wall: ['takeover', 'levels-tile'] };

test.each(['dispatcher', 'installer', 'login', 'phone', 'property', 'wall'])(
  'on the page of the %s a class has its look from one sheet: two of one name make each other, unseen',
  (page) => {
    const seen = new Map<string, string>();
    const twice: string[] = [];
    for (const sheet of [...sheetsOf('parts'), ...sheetsOf(page)])
      for (const name of new Set(classesOf(readFileSync(path.join(root, sheet), 'utf8')))) {
        const before = seen.get(name);
        if (before !== undefined && !(own[page] ?? []).includes(name)) twice.push(`.${name}: ${before}, ${sheet}`);
        seen.set(name, sheet);
      }
    expect(seen.size).toBeGreaterThan(20);
    expect(twice).toEqual([]);
  },
);

test('a class under a condition, in a group or below another is not counted', () => {
  expect(classesOf('.plan {\n}\n.a,\n.b {\n}\n.c .d {\n}\n@media (hover: none) {\n  .plan {\n  }\n}\n')).toEqual(['plan']);
});
