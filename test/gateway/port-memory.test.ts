import { expect, test } from 'vitest';
import { keptBy, orphans, underPort } from '../../gateway/port-memory.ts';

const saved = new Map([
  ['device/a', '{}'],
  ['port/p/last', '1'],
  ['port/p/a/b', '2'],
  ['port/pp/last', '3'],
  ['port/gone/last', '4'],
]);

test('a port sees what it kept under the names it gave, and nothing of others', () => {
  expect(underPort('p', [['last', '5']])).toEqual([['port/p/last', '5']]);
  expect([...keptBy('p', saved)]).toEqual([
    ['last', '1'],
    ['a/b', '2'],
  ]);
});

test('what a port that is no longer there had kept is forgotten, and nothing else', () => {
  expect(orphans(saved, ['p', 'pp'])).toEqual([['port/gone/last', null]]);
});
