import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../../needs.ts';
import { readCreditCode } from '../../../cloud/registry/credit-code.ts';
import { checkCharacter, idSentences, isDay, readIdNumber, testProvince } from '../../../cloud/registry/id-number.ts';

const today = '2026-11-23';
const problem = (text: string) => {
  const read = readIdNumber(text, today);
  return read.ok ? null : read.problem;
};

const day = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2026-11-23T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const number = fc
  .tuple(fc.constantFrom('110105', '440524', '310115', '659001'), day, fc.integer({ min: 0, max: 999 }))
  .map(([region, birth, order]) => {
    const seventeen = region + birth.replaceAll('-', '') + String(order).padStart(3, '0');
    return seventeen + checkCharacter(seventeen);
  });

describe('an identity number (GB 11643)', () => {
  it('reads the examples of the standard (annex A)', () => {
    expect(readIdNumber('11010519491231002X', today)).toEqual({
      ok: true,
      value: { number: '11010519491231002X', birth: '1949-12-31', sex: 'f' },
    });
    expect(readIdNumber('440524188001010014', today)).toEqual({
      ok: true,
      value: { number: '440524188001010014', birth: '1880-01-01', sex: 'm' },
    });
  });

  it('reads it as people type it: spaces, full-width digits, a small x; and the 15 digits of old cards', () => {
    expect(problem(' 110105 19491231 002x ')).toBeNull();
    expect(problem('１１０１０５１９４９１２３１００２Ｘ')).toBeNull();
    expect(readIdNumber('110105491231002', today)).toMatchObject({ ok: true, value: { number: '11010519491231002X' } });
  });

  it.each([
    ['', 'length'],
    ['1101051949123100', 'length'],
    ['11010519491231002XX', 'length'],
    ['1101051949123100AX', 'characters'],
    ['11010519491231002Y', 'characters'],
    ['X1010519491231002X', 'characters'],
    ['99010519491231002X', 'region'],
    ['810001194912310026', 'region'],
    ['110105194902300025', 'date'],
    ['110105199913310022', 'date'],
    ['110105202611240020', 'date'],
    ['110105187501010020', 'date'],
    ['110105194912310021', 'check'],
  ])('refuses %j for its %s', (text, code) => {
    expect(problem(text)).toBe(code);
    expect(idSentences[code as keyof typeof idSentences].en).toBeDefined();
  });

  it('finds every single wrong digit and every pair of neighbours that changed places', () => {
    fc.assert(
      fc.property(number, fc.nat(16), fc.integer({ min: 1, max: 9 }), (good, at, more) => {
        expect(problem(good)).toBeNull();
        const digit = (Number(good[at]) + more) % 10;
        expect(problem(good.slice(0, at) + String(digit) + good.slice(at + 1))).not.toBeNull();
        const swapped = good.slice(0, at) + (good[at + 1] ?? '') + (good[at] ?? '') + good.slice(at + 2);
        if (swapped !== good) expect(problem(swapped)).not.toBeNull();
      }),
    );
  });

  it('never takes one of the generator for a real one', () => {
    fc.assert(
      fc.property(number, (good) => {
        const made = testProvince + good.slice(2, 17);
        expect(problem(made + checkCharacter(made))).toBe('region');
      }),
    );
  });

  it('ends on any text at all', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => void readIdNumber(text, today)));
  });

  it('knows the days of the calendar', () => {
    expect(['2024-02-29', '2000-02-29', '1999-12-31'].map(isDay)).toEqual([true, true, true]);
    expect(['2023-02-29', '1900-02-29', '2024-04-31', '2024-13-01', '2024-00-10', '24-01-01', '2024-1-1'].some(isDay)).toBe(
      false,
    );
  });
});

describe('a credit code (GB 32100)', () => {
  it('is read in its written form, or not at all', () => {
    expect(readCreditCode('91350100M000100Y43')).toBe('91350100M000100Y43');
    expect(readCreditCode('9135 0100 m000100y43')).toBe('91350100M000100Y43');
    for (const bad of ['91350100M000100Y44', '91350100I000100Y43', '91350100M000100Y4', ''])
      expect(readCreditCode(bad)).toBeNull();
  });
});

describeWith(['stdnum'], 'python-stdnum agrees', () => {
  it('on identity numbers and credit codes, good ones and broken ones', () => {
    const numbers = fc.sample(number, { numRuns: 300, seed: 11 });
    const broken = numbers.map(
      (good, nth) => good.slice(0, nth % 17) + String((Number(good[nth % 17]) + 1) % 10) + good.slice((nth % 17) + 1),
    );
    const letters = fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRTUWXY'.split(''));
    const codes = fc
      .sample(fc.array(letters, { minLength: 10, maxLength: 10 }), { numRuns: 600, seed: 7 })
      .map((tail) => `91350100${tail.join('')}`);
    const program = `
import json, sys
from stdnum.cn import ric, uscc
asked = json.load(sys.stdin)
json.dump({'checks': [ric.calc_check_digit(n) for n in asked['numbers']], 'codes': [uscc.calc_check_digit(c[:17]) == c[17] for c in asked['codes']]}, sys.stdout)`;
    const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program], {
      input: JSON.stringify({ numbers: [...numbers, ...broken], codes }),
      encoding: 'utf8',
    });
    const said = JSON.parse(stdout === '' ? `"${stderr}"` : stdout) as { checks: string[]; codes: boolean[] };
    expect([...numbers, ...broken].map(checkCharacter)).toEqual(said.checks);
    expect(codes.map((code) => readCreditCode(code) !== null)).toEqual(said.codes);
    expect(said.codes).toContain(true);
  });
});
