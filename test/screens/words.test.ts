import { eight, lists } from './list-states.ts';
import { installerStates } from './installer-states.ts';
import { phoneStates, residentStates } from './phone-states.ts';
import { dispatcherStates, loginStates, propertyStates } from './states.ts';
import { wallStates } from './wall-states.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { createInstance } from 'i18next';
import { expect, test } from 'vitest';
type Branch = { readonly [name: string]: string | Branch };

function flat(branch: Branch, before = ''): [string, string][] {
  return Object.entries(branch).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[before + name, value]] : flat(value, `${before}${name}.`),
  );
}

const folder = fileURLToPath(new URL('../../dashboards/words/', import.meta.url));

/** Every catalogue of a language, whichever page or part brings it. */
async function all(language: 'zh' | 'en'): Promise<Map<string, string>> {
  const files = readdirSync(folder).filter((file) => file === `${language}.ts` || file.endsWith(`.${language}.ts`));
  const parts = await Promise.all(files.map((file) => import(path.join(folder, file)) as Promise<Record<string, Branch>>));
  return new Map(parts.flatMap((part) => Object.values(part)).flatMap((words) => flat(words)));
}

const [chinese, english] = await Promise.all([all('zh'), all('en')]);
/** What English says of exactly one (`gaps_one`) stands beside the key of the rest (`gaps`); Chinese counts alike. */
const ofOne = (key: string): boolean => key.endsWith('_one');
const blanks = (sentence: string) =>
  [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort((a, b) => a.localeCompare(b));

const root = fileURLToPath(new URL('../../dashboards/', import.meta.url));

/** The text of every file of the screens, or of one page's own folder. */
function sourcesOf(page = ''): string {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /^(?!node_modules|dist).*\.tsx?$/.test(file) && file.startsWith(page),
  );
  return files.map((file) => readFileSync(path.join(root, file), 'utf8')).join('\n');
}

/** Every `t('…')` in it; a key with a part filled in later stands with a `*`. */
function keysUsed(sources: string): string[] {
  const literal = [...sources.matchAll(/\bt\(\s*'([\w.-]+)'/g)].map(([, key]) => key ?? '');
  const filled = [...sources.matchAll(/\bt\(\s*`([^`]+)`/g)].map(([, key]) => (key ?? '').replace(/\$\{[^}]+\}/g, '*'));
  return [...new Set([...literal, ...filled])];
}

test('both languages have the same keys', () => {
  expect(new Set([...english.keys()].filter((key) => !ofOne(key)))).toEqual(new Set(chinese.keys()));
});

test('what is said of one stands beside what is said of more, and fills in the same blanks; only the count may go', () => {
  const counted = [...english].filter(([key]) => ofOne(key));
  expect(counted.length).toBeGreaterThan(20);
  const without = (sentence: string) => blanks(sentence).filter((name) => name !== 'count');
  for (const [key, sentence] of counted) {
    const more = english.get(key.replace(/_one$/, '')) ?? '';
    expect([key, blanks(more).includes('count'), without(sentence)]).toEqual([key, true, without(more)]);
  }
});

test('no English sentence has a count before a noun of many and no word of its own for one', () => {
  const plain = [...english].filter(([key, sentence]) => !ofOne(key) && /\{\{count\}\} (?:people|[a-z]+s)\b/.test(sentence));
  expect(plain.map(([key]) => key).filter((key) => !english.has(`${key}_one`))).toEqual([]);
});

test('one is said as one, in a sentence and within another', async () => {
  const words = createInstance();
  const { callsEn } = await import('../../dashboards/words/calls.en.ts');
  const { callsZh } = await import('../../dashboards/words/calls.zh.ts');
  await words.init({ lng: 'en', fallbackLng: 'zh', ns: ['words'], defaultNS: 'words', resources: {} });
  words.addResourceBundle('en', 'words', callsEn);
  words.addResourceBundle('zh', 'words', callsZh);
  const said = (people: number, households: number) =>
    [words.t('calls.people', { count: people }), words.t('calls.recipients', { people, households })].join(', ');
  expect(said(1, 1)).toBe('1 person, 1 person · 1 home');
  expect(said(21, 2)).toBe('21 people, 21 people · 2 homes');
});

test('both languages fill in the same blanks', () => {
  for (const [key, sentence] of chinese) expect([key, blanks(english.get(key) ?? '')]).toEqual([key, blanks(sentence)]);
});

function missingOf(keys: readonly string[], known: readonly string[]): string[] {
  return keys.filter((key) => {
    const pattern = new RegExp(
      `^${key
        .split('*')
        .map((part) => part.replaceAll('.', '\\.'))
        .join('[\\w-]+')}$`,
    );
    return !known.some((each) => pattern.test(each));
  });
}

test('every key the screens ask for is there', () => {
  const keys = keysUsed(sourcesOf());
  expect(keys.length).toBeGreaterThan(100);
  expect(missingOf(keys, [...chinese.keys()])).toEqual([]);
});

test.each(['dispatcher', 'installer', 'login', 'phone', 'property', 'wall'])(
  'what the page of the %s asks for is in the catalogues that come with that page',
  async (page) => {
    const sources = sourcesOf(`${page}/`);
    const files = new Set(['zh', ...[...sources.matchAll(/words\/([\w-]+\.zh)\.ts/g)].map(([, file]) => file ?? '')]);
    const parts = await Promise.all(
      [...files].map((file) => import(path.join(folder, `${file}.ts`)) as Promise<Record<string, Branch>>),
    );
    const known = parts.flatMap((part) => Object.values(part)).flatMap((words) => flat(words).map(([key]) => key));
    expect(missingOf(keysUsed(sources), known)).toEqual([]);
  },
);

test('no sentence is left in the wrong language', () => {
  for (const [key, sentence] of english)
    if (key !== 'app.language') expect([key, /[一-鿿]/.test(sentence)]).toEqual([key, false]);
});

test('every list is to be seen in each of its eight states, or it is said why it has no such state', () => {
  const all = [loginStates, dispatcherStates, propertyStates, wallStates, phoneStates, residentStates, installerStates];
  const names = new Set(all.flatMap((states) => states.map(({ name }) => name)));
  const missing = Object.entries(lists).flatMap(([list, seen]) =>
    eight.filter((state) => !names.has(seen[state]) && !seen[state].startsWith('- ')).map((state) => `${list}: ${state}`),
  );
  expect(missing).toEqual([]);
});
