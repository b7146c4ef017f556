import { createPublicKey } from 'node:crypto';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { z } from 'zod';
import { addressProblem } from './webhook-address.ts';
import { jsonOf } from './json-of.ts';

/** 浏览器订阅: a PushSubscription as JSON (W3C Push API §8); more that a browser says of it is left aside. */
const Subscription = z.object({
  endpoint: z.string().min(1).max(1_000),
  /** RFC 8291 §3.2: the browser's point on P-256, uncompressed, and 16 bytes of its own; both base64url. */
  keys: z.object({ p256dh: z.string().max(100), auth: z.string().max(32) }),
});
export type PushSubscription = z.output<typeof Subscription>;

const authBytes = 16;

/** What a browser subscribed with; undefined where nothing could be encrypted for it. */
export function readSubscription(text: string): PushSubscription | undefined {
  const parsed = Subscription.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const { p256dh, auth } = parsed.data.keys;
  return isPoint(p256dh) && bytesOf(auth)?.length === authBytes ? parsed.data : undefined;
}

/**
 * What is wrong with a subscription before it is kept; null where nothing is. Messages are sent where it says, so it may name no
 * inner address but those in `allowed`; a name behind which one stands is refused when something is sent.
 */
export function subscriptionProblem(text: string, allowed: readonly string[]): Text | null {
  const subscription = readSubscription(text);
  if (!subscription) {
    return {
      zh: '不是有效的浏览器订阅（endpoint、keys.p256dh、keys.auth）',
      en: 'is no subscription of a browser (endpoint, keys.p256dh, keys.auth)',
    };
  }
  return addressProblem(subscription.endpoint, allowed, 'allowPrivate');
}

function isPoint(text: string): boolean {
  const bytes = bytesOf(text);
  if (bytes?.length !== 65 || bytes[0] !== 4) return false;
  const [x, y] = [bytes.subarray(1, 33).toString('base64url'), bytes.subarray(33).toString('base64url')];
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    return true;
  } catch {
    // Sixty-five bytes that are no point of the curve.
    return false;
  }
}

function bytesOf(text: string): Buffer | undefined {
  return /^[A-Za-z0-9_-]+$/.test(text) ? Buffer.from(text, 'base64url') : undefined;
}
