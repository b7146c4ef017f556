import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ProviderServer } from './provider-server.ts';

/** A channels file in `folder` with one SMS provider, which takes everything; `others` stand beside it on its step. Returns its path. */
export function smsChannels(folder: string, provider: ProviderServer, others: readonly { readonly id: string }[] = []): string {
  provider.say = () => ({ body: JSON.stringify({ code: 0, id: `p-${provider.heard.length}` }) });
  const request = {
    url: `${provider.url}/sms`,
    headers: { 'content-type': 'application/json' },
    body: '{"to":"{phone}","text":"{text}"}',
  };
  const sms = { id: 'sms', action: 'sms-http', settings: { request, success: { path: ['code'], equals: 0 }, idPath: ['id'] } };
  const step = ['sms', ...others.map(({ id }) => id)];
  const file = path.join(folder, 'channels.yaml');
  const channels = [sms, ...others];
  const ladders = { lifeSafety: [step], other: [step] };
  writeFileSync(file, JSON.stringify({ schema: 'yihu-channels/1', allowPrivate: ['127.0.0.1'], channels, ladders }));
  return file;
}

/** The text of the newest SMS of which this holds; undefined where there is none. */
export function smsWith({ heard }: ProviderServer, isIt: (text: string) => boolean): string | undefined {
  return heard
    .filter(({ url }) => url === '/sms')
    .map(({ body }) => (JSON.parse(body.toString()) as { text: string }).text)
    .findLast(isIt);
}
