import { z } from 'zod';
import type { Channel, Message, Sent } from './action.ts';
import { type HttpClient, sentOfFailure, sentOfStatus } from './http-client.ts';
import { jsonOf } from './json-of.ts';

/** What the three work chats share: an address that is itself the secret, and an answer whose code says what came of it. */
export const ChatSettings = z.strictObject({
  /** A file that holds the robot's whole address: whoever knows it can write into the room. */
  urlFile: z.string(),
  /** The robot's signing secret, where its security setting asks for one. */
  secretFile: z.string().optional(),
});
export type ChatSettings = z.output<typeof ChatSettings>;

export interface ChatDialect {
  /** The address and body of one message; `seconds` and `millis` are the clock's. */
  request(url: string, secret: string | undefined, message: Message, now: number): { url: string; body: unknown };
  /** Where the answer's code stands, and which codes say "too often, come again". */
  codes(answer: Readonly<Record<string, unknown>>): unknown;
  readonly tryAgain: readonly number[];
  /** How long to wait then, milliseconds. */
  readonly waitMs: number;
}

export function openChat(
  dialect: ChatDialect,
  url: string,
  secret: string | undefined,
  http: HttpClient,
  now: () => number,
): Channel {
  return {
    async send(message) {
      const { url: address, body } = dialect.request(url, secret, message, now());
      const answer = await http.request({
        url: address,
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
      });
      if ('failed' in answer) return sentOfFailure(answer);
      return sentOfStatus(answer) ?? judge(dialect, answer.body);
    },
    close: () => Promise.resolve(),
  };
}

const Answer = z.record(z.string(), z.unknown());

/** These services answer 200 to everything; what counts is the code in the body. */
function judge(dialect: ChatDialect, body: string): Sent {
  const { tryAgain, waitMs } = dialect;
  const parsed = Answer.safeParse(jsonOf(body));
  const code = parsed.success ? dialect.codes(parsed.data) : undefined;
  if (code === 0) return { state: 'accepted', receipt: false };
  const known = typeof code === 'number' || typeof code === 'string' ? String(code) : 'unreadable';
  const reason = { zh: `聊天机器人拒绝（${known}）`, en: `The chat robot refuses it (${known})` };
  if (typeof code === 'number' && tryAgain.includes(code)) return { state: 'try-again', code: known, reason, afterMs: waitMs };
  return { state: 'never', code: known, reason };
}

/** One message as the room shows it. */
export function chatText({ title, text, link }: Message): string {
  return [title, text, ...(link === undefined ? [] : [link])].join('\n');
}
