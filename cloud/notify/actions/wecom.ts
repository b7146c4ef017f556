import type { Action } from '../action.ts';
import { type ChatDialect, ChatSettings, chatText, openChat } from '../chat.ts';

/** 企业微信群机器人: the key in the address is all it asks for. 45009: more than 20 messages a minute; 2,048 bytes a message. */
export const dialect: ChatDialect = {
  request: (url, _secret, message) => ({
    url,
    body: {
      msgtype: 'text',
      text: { content: cut(chatText(message)), ...(message.lifeSafety && { mentioned_list: ['@all'] }) },
    },
  }),
  codes: ({ errcode }) => errcode,
  tryAgain: [-1, 45_009],
  waitMs: 60_000,
};

const mostBytes = 2_048;

/** Not in the middle of a character. */
function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostBytes) return text;
  return `${new TextDecoder('utf-8').decode(bytes.subarray(0, mostBytes - 6)).replace(/\ufffd+$/, '')}…`;
}

export const action: Action<ChatSettings> = {
  name: 'wecom',
  reaches: 'group',
  settings: ChatSettings,
  open: ({ urlFile }, { http, clock, secret }) => openChat(dialect, secret(urlFile), undefined, http, () => clock.now()),
};
