import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Finding,
  type Source,
  bannedCalls,
  barrels,
  fileLines,
  importCycles,
  importTable,
  longFiles,
  sqlOutside,
  vagueNames,
} from './rules.ts';

const root = resolve(import.meta.dirname, '../..');
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
}).split('\0');
const sources: Source[] = tracked
  .filter((path) => /\.(ts|tsx)$/.test(path) && existsSync(resolve(root, path)))
  .map((path) => ({ path, text: readFileSync(resolve(root, path), 'utf8') }));
const product = sources.filter(({ path }) => !path.startsWith('test/'));
const say = (findings: readonly Finding[]) => findings.map(({ path, line, sentence }) => `${path}:${line} ${sentence}`);
const file = (path: string, text: string): Source => ({ path, text });

describe('the house is tidy', () => {
  it('stages do not know each other', () => expect(say(importTable(product))).toEqual([]));
  it('imports do not go round', () => expect(say(importCycles(product))).toEqual([]));
  it('nothing banned is called', () => expect(say(bannedCalls(product))).toEqual([]));
  it('files are named for what they hold', () => expect(say(vagueNames(sources))).toEqual([]));
  it('no file only re-exports', () => expect(say(barrels(product))).toEqual([]));
  it(`files stay under ${fileLines} lines`, () => expect(say(longFiles(sources))).toEqual([]));
  it('SQL has one home on each side', () => expect(say(sqlOutside(product))).toEqual([]));
  it('says nothing of registries or of the machine it was made on', () => {
    const words = [/registry\.npmjs\.org/, /\/work\/(main|shared|\.library)/, /mirror\.|artifactory/];
    const findings = tracked
      .filter(
        (path) =>
          path !== '' && !/\.(png|woff2?)$/.test(path) && path !== 'test/tidy/tidy.test.ts' && existsSync(resolve(root, path)),
      )
      .flatMap((path) => {
        const text = readFileSync(resolve(root, path), 'utf8');
        return words.filter((word) => word.test(text)).map((word) => `${path} ${word}`);
      });
    expect(findings).toEqual([]);
  });
});

/** One planted fault per rule: a rule that cannot fail is no rule. */
describe('each rule has a failing example', () => {
  it.each([
    ['a stage that imports another', importTable([file('gateway/decode/a.ts', "import { x } from '../store/b.ts';")])],
    ['web that reaches into records', importTable([file('cloud/web/a.ts', "import { db } from '../records/database.ts';")])],
    [
      'a screen that imports the server',
      importTable([file('dashboards/dispatcher/a.tsx', "import { x } from '../../cloud/main.ts';")]),
    ],
    ['a part that fetches', importTable([file('dashboards/parts/a.tsx', "import { api } from '../client/api.ts';")])],
    [
      'a cycle',
      importCycles([file('gateway/a.ts', "import { b } from './b.ts';"), file('gateway/b.ts', "import { a } from './a.ts';")]),
    ],
    ['the wall clock', bannedCalls([file('gateway/decode/a.ts', 'const t = Date.now();')])],
    ['a timer', bannedCalls([file('cloud/alarm/a.ts', 'setTimeout(run, 5);')])],
    ['chance', bannedCalls([file('cloud/alarm/a.ts', 'const r = Math.random();')])],
    ['printing', bannedCalls([file('cloud/web/a.ts', "console.log('x');")])],
    ['eval', bannedCalls([file('gateway/decode/a.ts', "new Function('a');")])],
    ['a swallowed error', bannedCalls([file('gateway/decode/a.ts', 'try { x(); } catch {}')])],
    ['any', bannedCalls([file('gateway/decode/a.ts', 'const a: any = 1;')])],
    ['a vague name', vagueNames([file('gateway/decode/utils.ts', '')])],
    ['a barrel', barrels([file('gateway/decode/index.ts', "export * from './a.ts';\nexport * from './b.ts';")])],
    ['a long file', longFiles([file('gateway/a.ts', '\n'.repeat(fileLines + 1))])],
    ['SQL outside of records', sqlOutside([file('cloud/web/a.ts', "import { sql } from 'kysely';")])],
  ])('%s', (_name, findings) => expect(findings).not.toEqual([]));

  it('and leaves what is right alone', () => {
    const fine = file(
      'gateway/decode/a.ts',
      "import type { Log } from '../store/log.ts';\n// Date.now() in words\nconst a = 'Math.random()';\n",
    );
    expect([...importTable([fine]), ...bannedCalls([fine])]).toEqual([]);
  });
});
