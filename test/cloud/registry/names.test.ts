import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameTokens, plainName, tokenOf } from '../../../cloud/registry/names.ts';

const finds = (typed: string, name: string) => {
  const token = tokenOf(typed);
  return token !== null && nameTokens(name).includes(token);
};

describe('looking for a name', () => {
  it.each([
    ['王建国', ['王建国', '建国', '王建', 'wangjianguo', 'wjg', 'wj', 'WJG', 'wang jian', 'jianguo', ' 王 建国 ']],
    ['单田芳', ['shantianfang', 'stf', '田芳']],
    ['曾国藩', ['zengg', 'zgf']],
    ['仇英', ['qiuying', 'qy']],
    ['欧阳娜娜', ['欧阳', 'ouyangnana', 'oynn', '娜娜']],
    ['买买提·艾力', ['买买提', '艾力', '买买提•艾力', '买买提艾力', 'mmtal']],
    ['Anna Li', ['anna', 'ann', 'Anna Li', 'annali']],
    ['吕布', ['lvbu', 'lb']],
  ])('finds %s', (name, words) => {
    for (const word of words) expect(finds(word, name), word).toBe(true);
  });

  it('finds nobody by a surname alone, by one letter, or by somebody else’s name', () => {
    for (const word of ['王', 'w', 'wang', 'wan', '国', '', ' ', '李建', 'wjx']) expect(finds(word, '王建国'), word).toBe(false);
  });

  it('is a bounded number of words for any name, each of which finds it', () => {
    const name = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      fc
        .array(fc.constantFrom(...'王李张建国芳伟欧阳·艾'.split('')), { minLength: 1, maxLength: 40 })
        .map((letters) => letters.join('')),
    );
    fc.assert(
      fc.property(name, (text) => {
        const tokens = nameTokens(text);
        expect(tokens.length).toBeLessThanOrEqual(64);
        expect(tokens[0]).toBe(plainName(text));
      }),
    );
  });
});
