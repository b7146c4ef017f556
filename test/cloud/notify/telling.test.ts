import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Browser, newKey, openWorld, raiseSmoke, type World } from '../web/world.ts';
import { type ProviderServer, providerServer } from './provider-server.ts';

let provider: ProviderServer;
let world: World;
let folder: string;
beforeAll(async () => {
  provider = await providerServer();
  provider.say = ({ url }) =>
    url.startsWith('/sms') ? { body: JSON.stringify({ code: 0, id: `p-${provider.heard.length}` }) } : { status: 500 };
  folder = mkdtempSync('/tmp/yihu-telling-');
  writeFileSync(path.join(folder, 'token'), 'a-long-enough-token', { mode: 0o600 });
  writeFileSync(path.join(folder, 'hook.key'), 'x'.repeat(32), { mode: 0o600 });
  const channels = path.join(folder, 'channels.yaml');
  writeFileSync(
    channels,
    JSON.stringify({
      schema: 'yihu-channels/1',
      allowPrivate: ['127.0.0.1'],
      channels: [
        {
          id: 'sms',
          action: 'sms-http',
          test: { address: '+8613900000000' },
          settings: {
            request: {
              url: `${provider.url}/sms`,
              headers: { 'content-type': 'application/json' },
              body: '{"to":"{phone}","text":"{text}"}',
            },
            success: { path: ['code'], equals: 0 },
            idPath: ['id'],
            codePath: ['code'],
            receipts: { tokenFile: 'token', receipt: { id: ['id'], state: ['state'], delivered: ['OK'], failed: ['NO'] } },
          },
        },
        { id: 'desk', action: 'webhook', settings: { url: `${provider.url}/hook`, secretFile: 'hook.key' } },
      ],
      ladders: { lifeSafety: [['sms', 'desk']], other: [['sms']] },
    }),
  );
  world = await openWorld({ channels });
});
afterAll(async () => {
  await world.close();
  await provider.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface DeliveryBody {
  id: string;
  channel: string;
  state: string;
  who: { name: string };
  code: string | null;
}

it('smoke is told to who is on duty within seconds, by two ways; what fails is in sight and goes again by hand', async () => {
  const admin = await Browser.signIn(world, 'admin');
  const grants = [{ area: 'xingfu/xfl', role: 'dispatcher' }];
  const account = { account: 'on-duty', name: '值班王芳', phone: '13800001234', password: 'one quiet phrase for all', grants };
  await admin.call('POST', '/api/users', account);
  const dispatcher = await Browser.signIn(world, 'on-duty', account.password);
  expect((await dispatcher.call('PUT', '/api/me/duty', { onDuty: true })).status).toBe(200);
  expect((await dispatcher.call('PUT', '/api/me/contacts', { reach: 'phone', address: '+8613800001234' })).status).toBe(204);
  expect((await dispatcher.call('PUT', '/api/me/contacts', { reach: 'phone', address: '138' })).status).toBe(400);

  await raiseSmoke(world);
  const list = async (query: string) =>
    (await admin.call<{ items: DeliveryBody[] }>('GET', `/api/deliveries${query}`)).body.items;
  await expect
    .poll(async () => (await list('?channel=sms&state=sent')).map(({ who }) => who.name), { timeout: 10_000 })
    .toEqual(['值班王芳']);
  const [heard] = provider.heard.filter(({ url }) => url === '/sms');
  expect(JSON.parse(heard?.body.toString() ?? '')).toMatchObject({
    to: '+8613800001234',
    text: expect.stringContaining('I级') as unknown,
  });

  const hers = async () => (await list('?channel=sms')).find(({ who }) => who.name === '值班王芳');
  const sent = await hers();
  const receipts = `${world.cloud.url}/api/receipts/sms`;
  const receipt = (token: string) =>
    fetch(`${receipts}?token=${token}`, { method: 'POST', body: JSON.stringify({ id: 'p-1', state: 'OK' }) });
  expect((await receipt('wrong')).status).toBe(404);
  expect((await hers())?.state).toBe('sent');
  const told = provider.heard.findIndex(({ url }) => url === '/sms') + 1;
  const good = await fetch(`${receipts}?token=a-long-enough-token`, {
    method: 'POST',
    body: JSON.stringify({ id: `p-${told}`, state: 'OK' }),
  });
  expect([good.status, await good.text()]).toEqual([200, '{"code":0}']);
  expect(await hers()).toMatchObject({ id: sent?.id, state: 'delivered' });

  // The webhook answers 500: it is being tried again, and says so.
  await expect
    .poll(async () => (await list('?channel=desk'))[0], { timeout: 10_000 })
    .toMatchObject({ state: 'queued', code: 'http-500' });
  const { body: health } = await admin.call<{ channel: string; delivered: number }[]>('GET', '/api/channels');
  expect(health.find(({ channel }) => channel === 'sms')).toMatchObject({ delivered: expect.any(Number) as unknown });
  expect((await admin.call('POST', '/api/channels/sms/test', { key: newKey() })).status).toBe(202);
  expect((await admin.call('POST', '/api/channels/desk/test', { key: newKey() })).status).toBe(422);
  expect((await admin.call('POST', '/api/channels/none/test', { key: newKey() })).status).toBe(404);
  await expect
    .poll(() => provider.heard.some(({ body }) => body.toString().includes('渠道自检')), { timeout: 10_000 })
    .toBe(true);
});

it('a provider that refuses at length is in the list with its words, and the list is there', async () => {
  const admin = await Browser.signIn(world, 'admin');
  const usual = provider.say;
  provider.say = () => ({ body: JSON.stringify({ code: 'E'.repeat(600) }) });
  try {
    expect((await admin.call('POST', '/api/channels/sms/test', { key: newKey() })).status).toBe(202);
    const failed = async () => {
      const { status, body } = await admin.call<{ items?: { reason: { zh: string } }[] }>('GET', '/api/deliveries?state=failed');
      return [status, body.items?.[0]?.reason.zh.length ?? 0];
    };
    await expect.poll(failed, { timeout: 20_000 }).toEqual([200, 512 + '服务商拒绝（）'.length]);
  } finally {
    provider.say = usual;
  }
});

it('numbers and tokens are in no log line', () => {
  const text = world.lines.join('\n');
  for (const canary of ['13800001234', '13900000000', 'a-long-enough-token', 'x'.repeat(32)]) expect(text).not.toContain(canary);
});

it('a channels file that is wrong keeps the cloud from starting, in words', async () => {
  const broken = path.join(folder, 'broken.yaml');
  writeFileSync(broken, 'schema: yihu-channels/1\nchannels: [{id: a, action: pigeon}]\n');
  await expect(openWorld({ channels: broken })).rejects.toThrow(/no action pigeon/);
  await expect(openWorld({ channels: path.join(folder, 'none.yaml') })).rejects.toThrow(/no such file/);
});
