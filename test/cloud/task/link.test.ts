import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskDetail } from '@yihu/device-profiles/vocabulary/task.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../demo/ports.ts';
import { homeTokens } from '../../../cloud/call/token.ts';
import { taskMessage } from '../../../cloud/notify/task-message.ts';
import { errandLinkMs, errandTokens } from '../../../cloud/task/link.ts';
import { type ProviderServer, providerServer } from '../notify/provider-server.ts';
import { Browser, newKey, openWorld, type World } from '../web/world.ts';
import { smsChannels, smsWith } from '../notify/sms-channels.ts';

const patience = { timeout: 30_000 };

describe('the token of an errand', () => {
  const tokens = errandTokens(Buffer.alloc(32, 1));
  const leg = 'leg-0123456789abcdef0123';
  const token = tokens.sign(leg, 0) ?? '';

  it('names one errand and its day, in 32 characters; nothing near it is ours', () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(tokens.read(token)).toEqual({ leg, until: errandLinkMs });
    expect(errandTokens(Buffer.alloc(32, 2)).read(token)).toBeNull();
    for (let nth = 0; nth < token.length; nth += 1) {
      const other = `${token.slice(0, nth)}${token[nth] === 'A' ? 'B' : 'A'}${token.slice(nth + 1)}`;
      expect(tokens.read(other), other).toBeNull();
    }
    for (const bad of ['', token.slice(1), `${token}A`, homeTokens(Buffer.alloc(32, 1)).sign(1)])
      expect(tokens.read(bad)).toBeNull();
    expect(tokens.sign('leg-1', 0)).toBeUndefined();
  });

  it('stands beside the open link of a message, for whoever it is for alone', () => {
    const task = { id: 'task-1', title: { zh: '走访' }, place: '3栋', offeredUntil: null, leg };
    const said = taskMessage(task, {
      timeZone: 'Asia/Shanghai',
      publicUrl: 'https://a.cn/',
      signErrand: (one) => tokens.sign(one, 0),
    });
    expect(said).toMatchObject({ link: 'https://a.cn/phone/#task=task-1', ownLink: `https://a.cn/t/${token}` });
  });
});

describe('the link in a worker’s SMS', () => {
  let world: World;
  let provider: ProviderServer;
  let desk: Browser;
  let admin: Browser;
  let person: string;
  let folder: string;

  beforeAll(async () => {
    provider = await providerServer();
    folder = mkdtempSync('/tmp/yihu-link-');
    // The same message goes to a room of people too.
    const room = { id: 'room', action: 'webhook', settings: { url: `${provider.url}/room`, secretFile: 'room' } };
    writeFileSync(path.join(folder, 'room'), 'a-long-enough-secret-of-a-room', { mode: 0o600 });
    const port = await freePort(0);
    const where = { listen: { host: '127.0.0.1', port }, publicUrl: `http://127.0.0.1:${port}` };
    world = await openWorld({ channels: smsChannels(folder, provider, [room]), ...where });
    desk = await Browser.signIn(world, 'wangfang');
    admin = await Browser.signIn(world, 'admin');
    const grants = [{ area: 'xingfu/xfl/g1', role: 'grid-worker' }];
    const account = { account: 'worker', name: '李强', phone: '13900000001', password: 'one quiet phrase for all', grants };
    person = (await admin.call<{ id: string }>('POST', '/api/users', account)).body.id;
  });
  afterAll(async () => {
    await world.close();
    await provider.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function order(title: string): Promise<{ id: string; link: string }> {
    const body = { kind: 'visit', title, area: 'xingfu/xfl/g1', place: '幸福里 3栋502', person, key: newKey() };
    const made = await desk.call<TaskDetail>('POST', '/api/tasks', body);
    expect(made.status).toBe(201);
    const sms = () => smsWith(provider, (text) => text.includes(title));
    await expect.poll(sms, patience).toBeDefined();
    return { id: made.body.id, link: /http:\/\/127\.0\.0\.1:\d+(\/t\/[A-Za-z0-9_-]{32})$/.exec(sms() ?? '')?.[1] ?? '' };
  }
  const open = async (link: string) => {
    const answer = await fetch(world.cloud.url + link);
    return { status: answer.status, text: await answer.text() };
  };
  const press = (link: string, fields: Record<string, string>) =>
    fetch(world.cloud.url + link, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) });
  const keyIn = (page: string) => /name="key" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const taskNow = async (id: string) => (await desk.call<TaskDetail>('GET', `/api/tasks/${id}`)).body;

  it('accepts by one button without a password, once, however often it is pressed; looking changes nothing', async () => {
    const { id, link } = await order('走访独居老人');
    const page = await open(link);
    expect([page.status, (await taskNow(id)).state]).toEqual([200, 'offered']);
    expect(page.text).toContain('幸福里 3栋502');
    expect(Buffer.byteLength(page.text)).toBeLessThan(40 * 1024);
    expect(page.text).not.toContain('<script');
    const key = keyIn(page.text);
    expect((await press(link, { answer: 'accept', key })).status).toBe(303);
    expect((await press(link, { answer: 'accept', key })).status).toBe(303);
    expect((await press(link, { answer: 'decline', key: newKey() })).status).toBe(303);
    const task = await taskNow(id);
    expect([task.state, task.legs.map(({ state }) => state)]).toEqual(['accepted', ['accepted']]);
    expect(task.timeline.filter(({ data }) => data['move'] === 'accept')).toHaveLength(1);
    expect((await open(link)).text).toContain('已接受');
    // The room heard of it, without the key.
    const said = provider.heard.filter(({ url }) => url === '/room').map(({ body }) => body.toString());
    expect(said.join()).not.toContain('/t/');
  });

  it('is of one task, one day and one person: who is asked no more neither takes it nor reads where it is', async () => {
    const first = await order('查看水表');
    const again = await order('查看电表');
    expect((await press(first.link, { answer: 'decline', key: newKey() })).status).toBe(303);
    expect((await taskNow(again.id)).state).toBe('offered');
    const gone = await open(first.link);
    expect(gone.text).toContain('您已回复去不了');
    expect(gone.text).not.toContain('3栋502');
    expect((await press(again.link, { answer: 'finish', key: newKey() })).status).toBe(400);
    const tokens = errandTokens(readFileSync(path.join(world.folder, 'claim.key')));
    const { leg } = tokens.read(again.link.slice(3)) ?? { leg: '' };
    const old = `/t/${tokens.sign(leg, Date.now() - errandLinkMs - 60_000) ?? ''}`;
    expect([(await open(old)).status, (await press(old, { answer: 'accept', key: newKey() })).status]).toEqual([404, 404]);
    expect((await taskNow(again.id)).state).toBe('offered');
    for (const bad of ['x', again.link.slice(4), '..%2f..']) expect((await open(`/t/${bad}`)).status).toBe(404);
    expect((await open(again.link)).status).toBe(200);
    const users = (await admin.call<{ id: string; version: number }[]>('GET', '/api/users')).body;
    const { version = 0 } = users.find(({ id }) => id === person) ?? {};
    const closed = await admin.call('PATCH', `/api/users/${person}`, { disabled: true, version });
    expect(closed.status, JSON.stringify(closed.body)).toBe(200);
    expect((await open(again.link)).status).toBe(404);
  });
});
