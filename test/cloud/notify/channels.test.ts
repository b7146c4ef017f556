import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../cloud/clock.ts';
import { loadActions, openChannels } from '../../../cloud/notify/channels.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/yihu-channels-');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string, mode = 0o600): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
};
const open = (text: string) => openChannels(write('channels.yaml', text), { clock: systemClock, onReceipt: () => undefined });

const good = `schema: yihu-channels/1
channels:
  - id: desk
    action: webhook
    settings: {url: "https://desk.example.cn/hook", secretFile: hook.key}
  - id: room
    action: wecom
    settings: {urlFile: room.url}
ladders:
  lifeSafety: [[desk, room]]
`;

describe('the channels file', () => {
  it('no file, no channels', async () =>
    expect(await openChannels(path.join(folder, 'none.yaml'), { clock: systemClock, onReceipt: () => undefined })).toMatchObject({
      all: new Map(),
    }));
  it('opens what it names', async () => {
    write('hook.key', 'x'.repeat(32));
    write('room.url', 'https://qyapi.example.cn/cgi-bin/webhook/send?key=k\n');
    const opened = await open(good);
    if ('problems' in opened) throw new Error(JSON.stringify(opened.problems));
    expect([...opened.all.values()].map(({ id, reaches }) => [id, reaches])).toEqual([
      ['desk', 'group'],
      ['room', 'group'],
    ]);
    await opened.close();
  });
  it('says every problem at once, each with its place', async () => {
    const opened = await open(`schema: yihu-channels/1
channels:
  - {id: a, action: pigeon}
  - {id: b, action: email, settings: {port: 99999, from: "a@b.cn", colour: red}}
  - {id: b, action: webhook, settings: {url: "https://x.cn", secretFile: none.key}}
ladders: {lifeSafety: [[z]]}
`);
    expect('problems' in opened && opened.problems.map(({ path: at }) => at).toSorted()).toEqual([
      'channels.0.action',
      'channels.1.settings',
      'channels.1.settings.host',
      'channels.1.settings.port',
      'channels.2.id',
      'ladders.lifeSafety.0',
    ]);
  });
  it.each([
    ['missing', () => undefined, /cannot be read/],
    ['readable by others', () => void write('hook.key', 'secret', 0o644), /chmod 600/],
    ['empty', () => void write('hook.key', ''), /empty/],
  ])('a secret file that is %s is a problem, and nothing is open', async (_name, prepare, says) => {
    write('room.url', 'https://x.cn');
    prepare();
    const opened = await open(good);
    expect('problems' in opened && opened.problems).toHaveLength(1);
    expect('problems' in opened && opened.problems[0]?.message.en).toMatch(says);
  });
  it('a file without a way for life safety is refused', async () => {
    write('room.url', 'https://x.cn');
    const opened = await open('schema: yihu-channels/1\nchannels: [{id: room, action: wecom, settings: {urlFile: room.url}}]\n');
    expect('problems' in opened && opened.problems.map(({ path: at }) => at)).toEqual(['ladders.lifeSafety']);
  });
  it.each(['', '[', 'schema: yihu-channels/9', 'a: &a [*a]', 'schema: yihu-channels/1\nchannels: 7'])(
    '%j is refused in words',
    async (text) => {
      const opened = await open(text);
      expect('problems' in opened && opened.problems.length).toBeGreaterThan(0);
      expect(
        'problems' in opened && opened.problems.every(({ message }) => message.zh.length > 0 && (message.en ?? '').length > 0),
      ).toBe(true);
    },
  );
  it('every file of actions/ is an action of its own name', async () => {
    const actions = await loadActions();
    expect([...actions.keys()].toSorted()).toEqual(
      ['dingtalk', 'email', 'feishu', 'sms-http', 'smpp', 'voice-http', 'web-push', 'webhook', 'wecom'].toSorted(),
    );
  });
});
