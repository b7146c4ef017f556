import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Receipt, Sent } from './action.ts';

/**
 * 送达: the life of one message to one person by one channel. `queued` waits for its turn, `sending` is leased by a
 * worker, `sent` was taken by the provider; `failed` is visible and makes room for the next channel. Nothing returns silently.
 */
export const deliveryStates = ['queued', 'held', 'sending', 'sent', 'delivered', 'read', 'failed', 'cancelled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** move → where it may come from. Receipts may come out of order: `read` without `delivered`, `delivered` after `failed`. */
export const deliveryLife: Record<DeliveryState, readonly DeliveryState[]> = {
  queued: ['held', 'sending'],
  held: ['queued'],
  sending: ['queued'],
  sent: ['sending'],
  delivered: ['sending', 'sent', 'failed'],
  read: ['sending', 'sent', 'delivered', 'failed'],
  failed: ['queued', 'held', 'sending', 'sent'],
  cancelled: ['queued', 'held'],
};

/** What a decision needs to know of a delivery. Times are ms since 1970 UTC. */
export interface Attempted {
  /** Attempts made, this one included. */
  readonly attempts: number;
  readonly lifeSafety: boolean;
  readonly expiresAt: number;
}

export type AfterAttempt =
  | { readonly state: 'sent'; readonly providerId: string | null; readonly receiptDueAt: number | null }
  | { readonly state: 'queued'; readonly dueAt: number; readonly code: string; readonly reason: Text }
  | { readonly state: 'failed'; readonly code: string; readonly reason: Text };

const lifeSafetyWaitsMs = [1_000, 2_000, 4_000, 8_000, 15_000] as const;
const waitsMs = [5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000] as const;
/** Life safety is tried until it expires; the rest so often. */
const mostAttempts = 8;
/** A provider that promised a receipt and sent none within this time has not shown that anybody was reached. */
const receiptWithinMs = { lifeSafety: 60_000, other: 3_600_000 } as const;

/** What becomes of a delivery after one attempt; pure, so that no crash between them can decide otherwise. */
export function afterAttempt(delivery: Attempted, sent: Sent, now: number): AfterAttempt {
  if (sent.state === 'accepted') {
    const within = delivery.lifeSafety ? receiptWithinMs.lifeSafety : receiptWithinMs.other;
    return { state: 'sent', providerId: sent.providerId ?? null, receiptDueAt: sent.receipt ? now + within : null };
  }
  const { code, reason } = sent;
  if (sent.state === 'never') return { state: 'failed', code, reason };
  if (!delivery.lifeSafety && delivery.attempts >= mostAttempts) return { state: 'failed', code, reason };
  const dueAt = now + Math.max(waitOf(delivery), sent.afterMs ?? 0);
  if (dueAt >= delivery.expiresAt) return { state: 'failed', code: 'expired', reason };
  return { state: 'queued', dueAt, code, reason };
}

function waitOf({ attempts, lifeSafety }: Attempted): number {
  const waits: readonly number[] = lifeSafety ? lifeSafetyWaitsMs : waitsMs;
  return waits[Math.min(attempts, waits.length) - 1] ?? 0;
}

/** Where a receipt moves a delivery; null where it says nothing new. A late "delivered" is believed, a late "failed" is not. */
export function afterReceipt(state: DeliveryState, receipt: Receipt): DeliveryState | null {
  return deliveryLife[receipt.state].includes(state) && state !== receipt.state ? receipt.state : null;
}

export const noReceipt: { readonly code: string; readonly reason: Text } = {
  code: 'no-receipt',
  reason: { zh: '服务商没有回执，不能确认送达', en: 'No receipt came: it is not known whether anybody was reached' },
};
