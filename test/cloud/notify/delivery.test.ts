import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../cloud/notify/action.ts';
import { afterAttempt, afterReceipt, deliveryLife, type DeliveryState, deliveryStates } from '../../../cloud/notify/delivery.ts';
import { mayReachAt } from '../../../cloud/notify/load.ts';

const now = 1_000_000;
const reason = { zh: '忙', en: 'busy' };
const busy: Sent = { state: 'try-again', code: 'busy', reason };
const usual = { attempts: 1, lifeSafety: false, expiresAt: now + 3_600_000 };

describe('after an attempt', () => {
  it('what was taken is sent, and a promised receipt has its deadline', () => {
    const taken: Sent = { state: 'accepted', providerId: 'p1', receipt: true };
    expect(afterAttempt(usual, taken, now)).toEqual({ state: 'sent', providerId: 'p1', receiptDueAt: now + 3_600_000 });
    expect(afterAttempt({ ...usual, lifeSafety: true }, taken, now)).toMatchObject({ receiptDueAt: now + 60_000 });
    expect(afterAttempt(usual, { ...taken, receipt: false }, now)).toMatchObject({ receiptDueAt: null });
  });
  it('what will never work has failed at once', () =>
    expect(afterAttempt(usual, { state: 'never', code: 'no-such-number', reason }, now)).toEqual({
      state: 'failed',
      code: 'no-such-number',
      reason,
    }));
  it('waits longer each time', () => {
    const dues = [1, 2, 3, 4, 5, 6, 7].map((attempts) => afterAttempt({ ...usual, attempts, expiresAt: now * 1_000 }, busy, now));
    const waits = dues.map((due) => (due.state === 'queued' ? due.dueAt - now : 0));
    expect(waits).toEqual([5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 3_600_000]);
  });
  it('gives up after eight attempts, except where lives depend on it', () => {
    const eighth = { ...usual, attempts: 8, expiresAt: now * 1_000 };
    expect(afterAttempt(eighth, busy, now)).toMatchObject({ state: 'failed', code: 'busy' });
    expect(afterAttempt({ ...eighth, attempts: 80, lifeSafety: true }, busy, now)).toEqual({
      state: 'queued',
      dueAt: now + 15_000,
      code: 'busy',
      reason,
    });
  });
  it('waits as long as the provider asks, and not past the end of the message', () => {
    expect(afterAttempt(usual, { ...busy, afterMs: 30_000 }, now)).toMatchObject({ dueAt: now + 30_000 });
    expect(afterAttempt({ ...usual, expiresAt: now + 5_000 }, busy, now)).toMatchObject({ state: 'failed', code: 'expired' });
  });
});

describe('a receipt', () => {
  const cases: [DeliveryState, 'delivered' | 'read' | 'failed', DeliveryState | null][] = [
    ['sent', 'delivered', 'delivered'],
    ['sent', 'failed', 'failed'],
    ['sent', 'read', 'read'],
    ['delivered', 'read', 'read'],
    ['failed', 'delivered', 'delivered'],
    ['sending', 'delivered', 'delivered'],
    ['delivered', 'failed', null],
    ['read', 'delivered', null],
    ['delivered', 'delivered', null],
    ['cancelled', 'delivered', null],
    ['queued', 'delivered', null],
  ];
  it.each(cases)('of a %s one that says %s', (from, said, to) =>
    expect(afterReceipt(from, { providerId: 'p', state: said })).toBe(to),
  );
});

it('the life names only states there are, and every state but the first can be reached', () => {
  expect(Object.keys(deliveryLife).toSorted()).toEqual([...deliveryStates].toSorted());
  for (const from of Object.values(deliveryLife).flat()) expect(deliveryStates).toContain(from);
});

describe('how much one person is told', () => {
  const hour = 3_600_000;
  it('nothing so far: at once', () => expect(mayReachAt([], now)).toBe(now));
  it('six within the hour: when the first of them is an hour old', () => {
    const sent = [50, 40, 30, 20, 10, 5].map((minutes) => now - minutes * 60_000);
    expect(mayReachAt(sent, now)).toBe(now + 10 * 60_000);
    expect(mayReachAt(sent.slice(1), now)).toBe(now);
  });
  it('twenty within the day: when the first of them is a day old', () => {
    const sent = Array.from({ length: 20 }, (_, i) => now - (i + 2) * hour);
    expect(mayReachAt(sent, now)).toBe(now - 21 * hour + 24 * hour);
  });
  it('the order in which they are listed does not matter', () => {
    const sent = [5, 50, 20, 40, 10, 30].map((minutes) => now - minutes * 60_000);
    expect(mayReachAt(sent, now)).toBe(mayReachAt(sent.toReversed(), now));
  });
});
