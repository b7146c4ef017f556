import { createHmac } from 'node:crypto';
import type { Action } from '../action.ts';
import { type ChatDialect, ChatSettings, chatText, openChat } from '../chat.ts';

/**
 * 飞书群机器人. Signed as its documentation of custom bots says: the key of the HMAC-SHA-256 is `timestamp\nsecret` in seconds,
 * the message is empty. Answers `code` (older ones `StatusCode`) 0; 11232 and 9499 are its frequency limits.
 */
export const dialect: ChatDialect = {
  request(url, secret, message, now) {
    const timestamp = String(Math.floor(now / 1_000));
    const sign =
      secret === undefined ? {} : { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).digest('base64') };
    const everybody = message.lifeSafety ? '<at user_id="all"></at> ' : '';
    return { url, body: { ...sign, msg_type: 'text', content: { text: everybody + chatText(message) } } };
  },
  codes: ({ code, StatusCode }) => code ?? StatusCode,
  tryAgain: [11_232],
  waitMs: 60_000,
};

export const action: Action<ChatSettings> = {
  name: 'feishu',
  reaches: 'group',
  settings: ChatSettings,
  open: ({ urlFile, secretFile }, { http, clock, secret }) =>
    openChat(dialect, secret(urlFile), secretFile === undefined ? undefined : secret(secretFile), http, () => clock.now()),
};
