import { systemClock } from '../../../cloud/clock.ts';
import type { Action, Channel, Message, Receipt } from '../../../cloud/notify/action.ts';
import { createHttpClient, type HttpClientOptions } from '../../../cloud/notify/http-client.ts';

export const message: Message = {
  id: 'dl-0123456789abcdef0123',
  language: 'zh',
  title: '【一呼】I级 3栋2单元502 烟雾报警',
  text: '【一呼】03:00 幸福里3栋2单元502 "烟雾"报警\n请立即处置 & 回复 1',
  lifeSafety: true,
  link: 'https://yihu.example/a/b?c=d&e=f',
};

export const local: HttpClientOptions = { allowPrivate: ['127.0.0.1'], timeoutMs: 1_000 };

/** An action made ready with these settings; `secrets` stand for its files. */
export function openAction<S>(
  action: Action<S>,
  settings: unknown,
  {
    secrets = {},
    http = local,
    receipts = [],
  }: { secrets?: Record<string, string>; http?: HttpClientOptions; receipts?: Receipt[] } = {},
): Channel {
  return action.open(action.settings.parse(settings), {
    clock: systemClock,
    http: createHttpClient(http),
    secret: (file) => secrets[file] ?? '',
    onReceipt: (receipt) => receipts.push(receipt),
  });
}
