import { createHmac } from 'node:crypto';
import type { Action } from '../action.ts';
import { type ChatDialect, ChatSettings, chatText, openChat } from '../chat.ts';

/**
 * 钉钉群机器人. Signed with timestamp and secret as its documentation of custom robots says: base64 HMAC-SHA-256 of
 * `timestamp\nsecret`, both in the address. 130101: more than 20 messages a minute; it then mutes for ten minutes.
 */
export const dialect: ChatDialect = {
  request(url, secret, message, now) {
    const address = new URL(url);
    if (secret !== undefined) {
      address.searchParams.set('timestamp', String(now));
      address.searchParams.set('sign', createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'));
    }
    const at = message.lifeSafety ? { at: { isAtAll: true } } : {};
    return { url: address.href, body: { msgtype: 'text', text: { content: chatText(message) }, ...at } };
  },
  codes: ({ errcode }) => errcode,
  tryAgain: [-1, 130_101],
  waitMs: 60_000,
};

export const action: Action<ChatSettings> = {
  name: 'dingtalk',
  reaches: 'group',
  settings: ChatSettings,
  open: ({ urlFile, secretFile }, { http, clock, secret }) =>
    openChat(dialect, secret(urlFile), secretFile === undefined ? undefined : secret(secretFile), http, () => clock.now()),
};
