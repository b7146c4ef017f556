import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forceOf } from '../../../cloud/incident/plan.ts';
import { readPlans } from '../../../cloud/response-rules.ts';
import { compareCard, type Force } from '../../../cloud/task/run-cards.ts';
import { gapsOf } from '../../../cloud/task/roster.ts';

const hour = 3_600_000;
const need = { area: 'xf/xfl', role: 'dispatcher', least: 1 } as const;
const shift = (person: string, from: number, to: number) => ({
  area: 'xf/xfl',
  role: 'dispatcher' as const,
  person,
  from: from * hour,
  to: to * hour,
});
const spans = (gaps: ReturnType<typeof gapsOf>) => gaps.map(({ from, to, missing }) => `${from / hour}-${to / hour} ${missing}`);

describe('gaps of the roster', () => {
  it.each([
    ['nobody at all', [], ['0-24 1']],
    ['one in the middle', [shift('a', 8, 16)], ['0-8 1', '16-24 1']],
    ['one after the other', [shift('a', 0, 8), shift('b', 8, 24)], []],
    ['one that began yesterday', [shift('a', -8, 20)], ['20-24 1']],
    ['a shift that ends as the span begins is no part of it', [shift('a', -8, 0)], ['0-24 1']],
  ])('%s', (_name, shifts, expected) => expect(spans(gapsOf([need], shifts, 0, 24 * hour))).toEqual(expected));

  it('says how many are missing, and one person counts once', () => {
    const two = { ...need, least: 2 };
    expect(spans(gapsOf([two], [shift('a', 0, 24), shift('a', 4, 8), shift('b', 10, 12)], 0, 24 * hour))).toEqual([
      '0-10 1',
      '12-24 1',
    ]);
  });

  it('together with what is manned they are the whole span, whatever the shifts', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 12 })), { maxLength: 8 }), (drawn) => {
        const shifts = drawn.map(([from, long], nth) => shift(`p${nth}`, from - 4, from - 4 + long));
        const gaps = gapsOf([need], shifts, 0, 24 * hour);
        for (let at = 0; at < 24; at += 1) {
          const manned = shifts.some(({ from, to }) => from <= at * hour && to > at * hour);
          const lacking = gaps.some(({ from, to }) => from <= at * hour && to > at * hour);
          expect(lacking).toBe(!manned);
        }
      }),
    ));
});

describe('run cards', () => {
  const wu: Force = { person: 'wu', role: 'property', onDuty: true, sent: false, busy: false, declined: false, locatedAt: 0 };
  const lack = (...forces: Force[]) => compareCard([{ role: 'property', wanted: 1 }], forces, 60_000)[0];

  it('asks for more of a fire than of a leak, as its plan says', async () => {
    const plans = await readPlans();
    const force = (id: string, level: number) => forceOf(plans.find((plan) => plan.id === id)?.send ?? [], level);
    expect(force('smoke', 1)).toEqual([
      { role: 'property', wanted: 2 },
      { role: 'grid-worker', wanted: 1 },
    ]);
    expect(force('smoke', 3).reduce((sum, { wanted }) => sum + wanted, 0)).toBe(2);
    expect(force('water-leak', 2)).toEqual([{ role: 'property', wanted: 1 }]);
    expect(force('no-such-plan', 1)).toEqual([{ role: 'property', wanted: 1 }]);
  });
  it.each([
    ['nobody-on-duty', [{ ...wu, onDuty: false }]],
    ['declined', [{ ...wu, declined: true }]],
    ['all-busy', [{ ...wu, busy: true }]],
    ['no-fresh-location', [{ ...wu, locatedAt: null }]],
    ['not-sent', [wu]],
  ] as const)('names a shortfall: %s', (reason, forces) => expect(lack(...forces)).toMatchObject({ missing: 1, reason }));
  it('names none where all are sent', () =>
    expect(lack({ ...wu, sent: true })).toMatchObject({ missing: 0, reason: null, text: null }));
});

it('one person fills one place of a run card, whatever roles they have', () => {
  const sent = { onDuty: true, sent: true, busy: false, declined: false, locatedAt: 0 };
  const card = (...forces: Force[]) =>
    compareCard(
      [
        { role: 'grid-worker', wanted: 1 },
        { role: 'property', wanted: 1 },
      ],
      forces,
      60_000,
    ).map((line) => [line.sent, line.missing]);
  const both: Force[] = [
    { ...sent, person: 'li', role: 'grid-worker' },
    { ...sent, person: 'li', role: 'property' },
  ];
  expect(card(...both)).toEqual([
    [1, 0],
    [0, 1],
  ]);
  // The one who can only be a grid worker is; the other takes the place that is left.
  expect(card(...both, { ...sent, person: 'wu', role: 'grid-worker' })).toEqual([
    [1, 0],
    [1, 0],
  ]);
});
