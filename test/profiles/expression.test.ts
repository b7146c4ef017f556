import { compileExpression, type Expression, namesOf, parseExpression } from '@yihu/device-profiles/library/expression.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

fc.configureGlobal({ seed: 20261123 });

const values: Readonly<Record<string, number | boolean>> = { a: 2, b: -3, c: 0.5, on: true, off: false };
const calculate = (text: string) => {
  const expression = parseExpression(text);
  if ('wrong' in expression) return expression.wrong.en;
  return compileExpression(expression)((name) => values[name] ?? Number.NaN);
};

describe('an expression', () => {
  it.each<[string, unknown]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['16 / 4 / 2', 2],
    ['-a * -b', -6],
    ['- - a', 2],
    ['2 - -3', 5],
    ['1.5e3 + 2e-1', 1500.2],
    ['a < b or b < c and c < a', true],
    ['not a > b', false],
    ['not (a < b) and on', true],
    ['a == 2 and on == off', false],
    ['a != b', true],
    ['min(a, b, c)', -3],
    ['max(a, min(b, c))', 2],
    ['abs(b)', 3],
    ['round(2.5)', 3],
    ['round(-2.5)', -3],
    ['if(on, a, b)', 2],
    ['if(a > 3, 1, if(a > 1, 2, 3))', 2],
    ['1 / 0', undefined],
    ['0 / 0', undefined],
    ['1e308 * 10', undefined],
    ['if(off, 1 / 0, 5)', 5],
    ['gone + 1', undefined],
  ])('%s is %s', (text, result) => expect(calculate(text)).toBe(result));
  it.each([
    ['', 'The expression is not complete.'],
    ['1 2', '"2" does not belong here in the expression.'],
    ['(1', 'The expression is not complete.'],
    ['1)', '")" does not belong here in the expression.'],
    ['min()', '")" does not belong here in the expression.'],
    ['abs(1, 2)', 'abs takes 1 to 1 arguments.'],
    ['a = b', '"=" does not belong here in the expression.'],
    ['"a"', '""" does not belong here in the expression.'],
    ['a[0]', '"[" does not belong here in the expression.'],
    ['a.b', '"." does not belong here in the expression.'],
    ['constructor(1)', 'There is no function constructor; there are: min, max, abs, round, if.'],
  ])('%j: %s', (text, sentence) => expect(calculate(text)).toBe(sentence));
  it('names what it asks for', () => {
    const expression = parseExpression('if(on, a * min(b, a), 1)');
    expect('wrong' in expression ? [] : [...namesOf(expression)]).toEqual(['on', 'a', 'b']);
  });
});

/** Written and calculated apart from the parser. */
type Sum = { text: string; value: number; binds: number };
const leaf: fc.Arbitrary<Sum> = fc
  .constantFrom('a', 'b', 'c', '7', '0.25')
  .map((text) => ({ text, value: Number(values[text] ?? text), binds: 3 }));
const sums: fc.Arbitrary<Sum> = fc.letrec<{ sum: Sum }>((tie) => ({
  sum: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.tuple(tie('sum'), fc.constantFrom('+', '-', '*', '/'), tie('sum')).map(([left, operator, right]): Sum => {
      const binds = operator === '+' || operator === '-' ? 1 : 2;
      const bracketed = (sum: Sum, least: number) => (sum.binds < least ? `(${sum.text})` : sum.text);
      const results = {
        '+': left.value + right.value,
        '-': left.value - right.value,
        '*': left.value * right.value,
        '/': left.value / right.value,
      };
      return { text: `${bracketed(left, binds)} ${operator} ${bracketed(right, binds + 1)}`, value: results[operator], binds };
    }),
    tie('sum').map((sum): Sum => ({ text: `-(${sum.text})`, value: -sum.value, binds: 3 })),
    fc.tuple(tie('sum'), tie('sum')).map(([one, other]): Sum => ({
      text: `max(${one.text}, ${other.text})`,
      value: Math.max(one.value, other.value),
      binds: 3,
    })),
  ),
})).sum;

describe('any expression', () => {
  it('with as few brackets as may be is what it says', () =>
    fc.assert(
      fc.property(sums, ({ text, value }) => {
        expect(calculate(text)).toBe(Number.isFinite(value) ? value : undefined);
      }),
      { numRuns: 500 },
    ));
  it('never throws, is never deep, and always ends', () => {
    const word = fc.constantFrom(
      'a',
      '1',
      '+',
      '-',
      '*',
      '/',
      '(',
      ')',
      ',',
      '<',
      '==',
      'and',
      'or',
      'not',
      'min',
      'if',
      ' ',
      '.',
      '"',
      '日',
    );
    const depth = (expression: Expression): number =>
      expression.kind === 'apply' ? 1 + Math.max(...expression.args.map(depth)) : 1;
    fc.assert(
      fc.property(fc.array(word, { maxLength: 80 }), (words) => {
        const text = words.join(' ');
        const expression = parseExpression(text);
        if ('wrong' in expression) return;
        expect(depth(expression)).toBeLessThan(200);
        compileExpression(expression)(() => 1);
      }),
      { numRuns: 2_000 },
    );
  });
});
