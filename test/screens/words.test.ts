import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { expect, test } from 'vitest';
import { en } from '../../dashboards/words/en.ts';
import { installerEn } from '../../dashboards/words/installer.en.ts';
import { installerZh } from '../../dashboards/words/installer.zh.ts';
import { installerWorkEn } from '../../dashboards/words/installer-work.en.ts';
import { installerWorkZh } from '../../dashboards/words/installer-work.zh.ts';
import { propertyEn } from '../../dashboards/words/property.en.ts';
import { propertyZh } from '../../dashboards/words/property.zh.ts';
import { upkeepEn } from '../../dashboards/words/upkeep.en.ts';
import { upkeepZh } from '../../dashboards/words/upkeep.zh.ts';
import { phoneEn } from '../../dashboards/words/phone.en.ts';
import { phoneZh } from '../../dashboards/words/phone.zh.ts';
import { zh } from '../../dashboards/words/zh.ts';

type Branch = { readonly [name: string]: string | Branch };

function flat(branch: Branch, before = ''): [string, string][] {
  return Object.entries(branch).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[before + name, value]] : flat(value, `${before}${name}.`),
  );
}

const chinese = new Map(flat({ ...zh, ...installerZh, ...installerWorkZh, ...phoneZh, ...propertyZh, ...upkeepZh }));
const english = new Map(flat({ ...en, ...installerEn, ...installerWorkEn, ...phoneEn, ...propertyEn, ...upkeepEn }));
const blanks = (sentence: string) =>
  [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort((a, b) => a.localeCompare(b));

/** Every `t('…')` of the screens; a key with a part filled in later stands with a `*`. */
function keysUsed(): string[] {
  const root = fileURLToPath(new URL('../../dashboards/', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(?!node_modules|dist).*\.tsx?$/.test(file),
  );
  const sources = files.map((file) => readFileSync(path.join(root, file), 'utf8')).join('\n');
  const literal = [...sources.matchAll(/\bt\(\s*'([\w.-]+)'/g)].map(([, key]) => key ?? '');
  const filled = [...sources.matchAll(/\bt\(\s*`([^`]+)`/g)].map(([, key]) => (key ?? '').replace(/\$\{[^}]+\}/g, '*'));
  return [...new Set([...literal, ...filled])];
}

test('both languages have the same keys', () => {
  expect(new Set(english.keys())).toEqual(new Set(chinese.keys()));
});

test('both languages fill in the same blanks', () => {
  for (const [key, sentence] of chinese) expect([key, blanks(english.get(key) ?? '')]).toEqual([key, blanks(sentence)]);
});

test('every key the screens ask for is there', () => {
  const known = [...chinese.keys()];
  const missing = keysUsed().filter((key) => {
    const pattern = new RegExp(
      `^${key
        .split('*')
        .map((part) => part.replaceAll('.', '\\.'))
        .join('[\\w-]+')}$`,
    );
    return !known.some((each) => pattern.test(each));
  });
  expect(keysUsed().length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});

test('no sentence is left in the wrong language', () => {
  for (const [key, sentence] of english)
    if (key !== 'app.language') expect([key, /[一-鿿]/.test(sentence)]).toEqual([key, false]);
});
