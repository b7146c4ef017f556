import webPush from 'web-push';
import { z } from 'zod';
import type { Action, Sent } from '../action.ts';
import { sentOfFailure, sentOfStatus } from '../http-client.ts';
import { readSubscription } from '../push-subscription.ts';

const Settings = z.strictObject({
  /** Where a push service can complain: mailto: or https:. */
  contact: z.string().regex(/^(mailto:|https:)/),
  publicKey: z.string().min(80).max(100),
  privateKeyFile: z.string(),
});

/** Not kept by a push service longer than this: older news is read in the app. */
const ttlSeconds = 3_600;

/**
 * 网页推送 (RFC 8030, 8291, VAPID RFC 8292). An extra beside SMS and voice, never the only way: mainland phones often cannot be
 * reached by it.
 */
export const action: Action<z.output<typeof Settings>> = {
  name: 'web-push',
  reaches: 'push',
  settings: Settings,
  open({ contact, publicKey, privateKeyFile }, { http, secret }) {
    const vapidDetails = { subject: contact, publicKey, privateKey: secret(privateKeyFile) };
    return {
      async send({ id, title, text, link, lifeSafety }, to) {
        const subscription = readSubscription(to.address);
        if (!subscription || !/^https?:\/\//.test(subscription.endpoint)) return gone('bad-subscription');
        const details = webPush.generateRequestDetails(subscription, JSON.stringify({ id, title, text, link }), {
          vapidDetails,
          TTL: ttlSeconds,
          contentEncoding: 'aes128gcm',
          urgency: lifeSafety ? 'high' : 'normal',
          // The same message again replaces the one that is still waiting (RFC 8030 §5.4: at most 32 of base64url).
          topic: id.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(-32),
        });
        const answer = await http.request({
          url: details.endpoint,
          method: 'POST',
          headers: Object.fromEntries(Object.entries(details.headers).map(([name, value]) => [name.toLowerCase(), value])),
          body: details.body ?? undefined,
        });
        if ('failed' in answer) return sentOfFailure(answer);
        // RFC 8030 §7.3: the subscription is over.
        if (answer.status === 404 || answer.status === 410) return gone('subscription-gone');
        return sentOfStatus(answer) ?? { state: 'accepted', receipt: false };
      },
      subscribeKey: publicKey,
      close: () => Promise.resolve(),
    };
  },
};

function gone(code: string): Sent {
  return { state: 'never', code, reason: { zh: '这部手机已取消订阅', en: 'This phone has ended its subscription' } };
}

/** A key pair for a new installation. */
export const newVapidKeys = (): { publicKey: string; privateKey: string } => webPush.generateVAPIDKeys();
