import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CloudApi } from '../../demo/cloud-api.ts';
import { demoPeople } from '../../demo/people.ts';
import { freePort } from '../../demo/ports.ts';
import { fillRegistry } from '../../demo/registry.ts';
import { demoChannels, startResidents } from '../../demo/residents.ts';
import { openWorld, type World } from '../cloud/web/world.ts';

/** One call, and every household answers: the demonstration's people over real HTTP, from the desk to the last telephone. */

let world: World;
let folder: string;
let api: Record<'admin' | 'property' | 'desk', CloudApi>;
let stop: () => void;

beforeAll(async () => {
  folder = mkdtempSync('/tmp/yihu-residents-');
  const [web, provider] = [await freePort(0), await freePort(0)];
  const token = demoChannels(folder, provider);
  const cloudUrl = `http://127.0.0.1:${web}`;
  stop = await startResidents({ port: provider, cloudUrl, token, logFile: join(folder, 'messages.log'), pace: 0.02 });
  const listen = { host: '127.0.0.1', port: web };
  world = await openWorld({ listen, publicUrl: cloudUrl, channels: join(folder, 'channels.yaml') });
  const signIn = (account: string) => CloudApi.signIn(cloudUrl, { account, password: world.passwords.get(account) ?? '' });
  api = { admin: await signIn('admin'), property: await signIn('wuye'), desk: await signIn('wangfang') };
});
afterAll(async () => {
  await world.close();
  stop();
  rmSync(folder, { recursive: true, force: true });
});

it('a call to a building reaches everybody who has a telephone, once, and their answers come back by link, digit and voice', async () => {
  expect(await fillRegistry(api.admin, api.property)).toBe(demoPeople().length);
  const audience = { areas: ['xingfu/xfl/g2/3'] };
  const draft = { kind: 'drill', lifeSafety: true, title: '3栋消防演练', text: '请到东门集合。', audience, key: 'call-000001' };
  const { id, version } = (await api.desk.call('POST', '/api/calls', draft)) as CallDetail;
  await api.desk.call('POST', `/api/calls/${id}/moves`, { move: 'submit', version, key: 'submit-0001' });
  const read = async () => (await api.desk.call('GET', `/api/calls/${id}`)) as CallDetail;

  const people = demoPeople().filter(({ building }) => building === '3');
  await expect
    .poll(async () => (await read()).count, { timeout: 30_000, interval: 250 })
    .toMatchObject({
      people: people.length,
      help: expect.toSatisfy((n: number) => n > 0) as number,
      silent: expect.toSatisfy((n: number) => n < people.length / 4) as number,
    });
  const sms = readFileSync(join(folder, 'messages.log'), 'utf8')
    .split('\n')
    .flatMap((line) => (line.includes(' sms ') && line.includes('【演练】请到东门集合') ? [line.split(' ')[2]] : []));
  expect(new Set(sms).size).toBe(sms.length);
  // Who is answered for before their own message has left gets none.
  expect(people.map(({ phone }) => phone)).toEqual(expect.arrayContaining(sms));
});
