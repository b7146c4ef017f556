import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Action } from '../action.ts';
import { sentOfFailure, sentOfStatus } from '../http-client.ts';

const Settings = z.strictObject({
  url: z.string().regex(/^https?:\/\//),
  /** At least 24 bytes; the receiver checks the signature with it. */
  secretFile: z.string(),
});

/**
 * Another system is told, signed as the Standard Webhooks specification 1.0 writes it: `webhook-id`, `webhook-timestamp`,
 * `webhook-signature: v1,<base64 HMAC-SHA-256 of id.timestamp.body>`. The id is the delivery's, the same at every attempt, so
 * that a receiver can tell a repeat.
 */
export const action: Action<z.output<typeof Settings>> = {
  name: 'webhook',
  reaches: 'group',
  settings: Settings,
  open({ url, secretFile }, { http, clock, secret }) {
    const key = secret(secretFile);
    return {
      async send({ id, title, text, lifeSafety, link, data }) {
        const timestamp = String(Math.floor(clock.now() / 1_000));
        const body = JSON.stringify({ type: 'yihu.message/1', id, title, text, lifeSafety, link, data });
        const answer = await http.request({
          url,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'webhook-id': id,
            'webhook-timestamp': timestamp,
            'webhook-signature': signature(key, id, timestamp, body),
          },
          body,
        });
        if ('failed' in answer) return sentOfFailure(answer);
        return sentOfStatus(answer) ?? { state: 'accepted', receipt: false };
      },
      close: () => Promise.resolve(),
    };
  },
};

export function signature(key: string, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
