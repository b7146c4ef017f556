import { describe, expect, it } from 'vitest';
import { retentionOf, retentionTerms, usualRetention } from '../../cloud/retention.ts';

describe('the terms as settings', () => {
  it.each([
    ['', usualRetention],
    ['calls=200', { ...usualRetention, calls: 200 }],
    [' calls = 200 , stories=3650 ', { ...usualRetention, calls: 200, stories: 3650 }],
    ['calls=1', null],
    ['stories=364', null],
    ['stream=31', null],
    ['audit=1', null],
    ['constructor=9', null],
    ['calls', null],
  ])('%j', (text, terms) => expect(retentionOf(text)).toEqual(terms));

  it('the usual ones are within their own bounds', () => {
    for (const { days, least, most } of Object.values(retentionTerms)) expect(days >= least && days <= most).toBe(true);
  });
});
