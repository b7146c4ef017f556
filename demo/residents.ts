import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A provider's view of one message, as the channels file of the demonstration has it sent. */
interface Sent {
  readonly phone: string;
  readonly text: string;
  readonly link: string;
}

export interface ResidentsOptions {
  readonly port: number;
  /** Where the cloud listens for receipts and replies. */
  readonly cloudUrl: string;
  readonly token: string;
  /** Every message that was sent, one in a line. */
  readonly logFile: string;
  /** How slow people are; 1: as they are. */
  readonly pace?: number;
}

/**
 * The telephone company and everybody's telephone: takes text messages and calls over HTTP as a provider does, says later what
 * became of them, and answers as people do: most by the link, some by a digit, some only when they are called a second time,
 * some never. Returns what ends it.
 */
export async function startResidents({ port, cloudUrl, token, logFile, pace = 1 }: ResidentsOptions): Promise<() => void> {
  const heard = new Map<string, number>();
  let last = 0;
  const report = (way: string, document: unknown) =>
    fetch(`${cloudUrl}/api/receipts/${way}?token=${token}`, { method: 'POST', body: JSON.stringify(document) });
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const way = request.url === '/voice' ? 'voice' : 'sms';
      const sent = JSON.parse(body) as Sent;
      last += 1;
      const id = `${way}-${last}`;
      appendFileSync(
        logFile,
        `${new Date().toISOString()} ${way} ${sent.phone} ${sent.text.replaceAll('\n', ' ')} ${sent.link}\n`,
      );
      response.end(JSON.stringify({ code: 0, id }));
      const times = 1 + (heard.get(sent.phone) ?? 0);
      heard.set(sent.phone, times);
      // A telephone that is off, or a page that is gone, is nobody's fault here.
      live({ way, id, sent, times }).catch((error: unknown) => appendFileSync(logFile, `! ${sent.phone} ${String(error)}\n`));
    });
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  async function live({ way, id, sent, times }: { way: string; id: string; sent: Sent; times: number }): Promise<void> {
    const habit = habitOf(sent.phone);
    await pause(pace * (500 + (Number(sent.phone.slice(-3)) % 20) * 100));
    const isReached = habit !== 'off';
    await report(way, { id, state: isReached ? 'DELIVERED' : 'FAILED' });
    if (!isReached || sent.link === '' || habit === 'never' || times < (habit === 'second' ? 2 : 1)) return;
    await pause(pace * (1_000 + (Number(sent.phone.slice(-4)) % 400) * 100));
    if (habit === 'digit' || way === 'voice') await report(way, { id, from: sent.phone, text: '1' });
    else await answer(sent.link, habit === 'help' ? 'help' : 'safe');
  }

  return () => {
    server.close();
    server.closeAllConnections();
  };
}

type Habit = 'link' | 'digit' | 'help' | 'second' | 'never' | 'off';

/** The same person does the same each time. */
function habitOf(phone: string): Habit {
  const share = (Number(phone.slice(-8)) * 37) % 100;
  if (share < 62) return 'link';
  if (share < 76) return 'digit';
  if (share < 79) return 'help';
  if (share < 92) return 'second';
  return share < 97 ? 'never' : 'off';
}

/** Opens the page and presses a button of its form, as a browser without a script would. */
async function answer(link: string, said: 'safe' | 'help'): Promise<void> {
  const page = await (await fetch(link)).text();
  const key = /name="key" value="([^"]+)"/.exec(page)?.[1];
  if (key === undefined) return;
  const note = said === 'help' ? '腿脚不便，需要人扶下楼' : '';
  const household: [string, string][] = said === 'safe' && page.includes('name="household"') ? [['household', 'yes']] : [];
  const form = new URLSearchParams([['key', key], ['answer', said], ['note', note], ...household]);
  await fetch(link, { method: 'POST', body: form, redirect: 'manual' });
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** Writes the channels of the demonstration once: text messages, then a call, both with the residents' provider. Returns its token. */
export function demoChannels(cloudFolder: string, port: number): string {
  mkdirSync(cloudFolder, { recursive: true, mode: 0o711 });
  const tokenFile = join(cloudFolder, 'provider.token');
  if (!existsSync(tokenFile)) writeFileSync(tokenFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  const file = join(cloudFolder, 'channels.yaml');
  if (!existsSync(file)) writeFileSync(file, channelsText(port), { mode: 0o600 });
  return readFileSync(tokenFile, 'utf8').trim();
}

function channelsText(port: number): string {
  const channel = (id: string, action: string) => `  - id: ${id}
    action: ${action}
    settings:
      request: {url: "http://127.0.0.1:${port}/${id}", body: '{"phone": "{number}", "text": "{text}", "link": "{link}"}'}
      success: {path: [code], equals: 0}
      idPath: [id]
      receipts:
        tokenFile: provider.token
        receipt: {id: [id], state: [state], delivered: [DELIVERED], failed: [FAILED]}
        reply: {id: [id], from: [from], text: [text]}`;
  return `# 渠道 / channels: the demonstration's telephone company answers on this machine
schema: yihu-channels/1
allowPrivate: [127.0.0.1]
channels:
${channel('sms', 'sms-http')}
${channel('voice', 'voice-http')}
ladders: {lifeSafety: [[sms], [voice]], other: [[sms]]}
`;
}
