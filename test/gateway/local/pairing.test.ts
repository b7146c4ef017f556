import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadOwn } from '@yihu/device-profiles/library/load.ts';
import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { LocalBegun, LocalPlanned } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { connectAsync } from 'mqtt';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../demo/ports.ts';
import { hashSecret } from '../../../gateway/collect/mqtt/secret.ts';
import { loadDrivers } from '../../../gateway/drivers.ts';
import { SiteChanges } from '../../../gateway/local/site-changes.ts';
import { counterProfile } from '../../faults/counter-profile.ts';
import { ChangeRig } from '../change/rig.ts';
import { emptyDesk, localServer, signedIn } from '../web/desk.ts';

/** Devices that connect by themselves are taken in from the page: through the real server into a gateway that runs. */
async function building() {
  const rig = new ChangeRig();
  const [port, posts] = [await freePort(0), await freePort(0)];
  const lines = [
    'schema: yihu-site/1',
    'gateway: {id: gw-1, name: 一号}',
    'uplink: "off"',
    'data: data',
    'listen: null',
    'ports:',
    `  - {id: wireless, driver: mqtt, listen: '127.0.0.1:${port}', login: required, deviceKeyFile: device.key}`,
    `  - {id: doors, driver: http-event, listen: '127.0.0.1:${posts}', deviceKeyFile: device.key}`,
    '  - {id: bus, driver: line, mode: tcp, host: 127.0.0.1, port: 1}',
    'devices:',
    '  - {id: meter-1, profile: eastron.sdm120, port: bus, address: {unit: 1}, name: 电表}',
  ];
  rig.write(`${lines.join('\n')}\n`);
  const counter = profileFrom(counterProfile);
  const own = await Promise.all(['hikvision.access-terminal', 'eastron.sdm120'].map((id) => loadOwn(id)));
  const library = own.map((loaded) => (loaded !== null && 'profile' in loaded ? loaded.profile : counter));
  const profiles = new Map([counter, ...library].map((profile) => [profile.id, profile]));
  const catalog = { drivers: await loadDrivers(), profiles, problems: [], isWhole: true };
  const gateway = await rig.start({ catalog });
  const change = new SiteChanges(
    {
      plan: (request) => gateway.planChange(request),
      submit: (request) => gateway.submitChange(request),
      state: () => gateway.changeState(),
      undo: () => gateway.undoChange(),
    },
    () => ({ text: rig.read(), file: rig.file }),
    () => null,
    (id) => Promise.resolve(profiles.get(id)),
  );
  const local = await localServer({ desk: { ...emptyDesk, change } });
  onTestFinished(() => local.stop());
  const headers = await signedIn(local);
  const post = (url: string, payload: object) => local.app.inject({ method: 'POST', url, payload, headers });
  const logIn = async (username: string, password: string) => {
    const client = await connectAsync({ host: '127.0.0.1', port, username, password, clientId: username, reconnectPeriod: 0 });
    await client.endAsync();
  };
  /** Has the page do it, until it is in force. */
  const pair = async (edit: object) => {
    const { paired } = (await post('/api/change', edit)).json<LocalBegun>();
    expect((await rig.over()).state).toBe('kept');
    if (paired === null) throw new Error('no secret');
    return paired;
  };
  return { rig, local, headers, post, logIn, pair };
}

const add = { id: 'counter-1', name: '计数器', profile: counterProfile.id, port: 'wireless', address: {}, place: {} };

it('the answer that begins the change has the secret the device logs in with, and nothing has it afterwards', async () => {
  const { rig, local, headers, post, logIn } = await building();
  const planned = (await post('/api/change/plan', { add })).json<LocalPlanned>();
  expect([planned.login, planned.problems]).toEqual(['counter-1', []]);
  expect(JSON.stringify(planned)).not.toContain('hmac-sha256');
  const { paired } = (await post('/api/change', { add })).json<LocalBegun>();
  const { login = '', secret = '' } = paired ?? {};
  expect(secret).toHaveLength(43);
  expect((await rig.over()).state).toBe('kept');
  await logIn(login, secret);
  await expect(logIn(login, `${secret}x`)).rejects.toThrow(/refused/);
  expect(rig.read()).toContain(hashSecret(readFileSync(join(rig.folder, 'device.key')), secret));
  const later = await local.app.inject({ method: 'GET', url: '/api/change', headers });
  expect(later.json()).toMatchObject({ change: { state: 'kept' } });
  expect(later.body).not.toMatch(/secret|paired/);
  expect(local.told.join('\n')).not.toContain(secret);
  for (const entry of readdirSync(rig.folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) expect(readFileSync(join(entry.parentPath, entry.name)).includes(secret)).toBe(false);
});

it('a wrong plan issues no secret, and neither does who has not signed in', async () => {
  const { rig, local, post } = await building();
  const before = rig.read();
  const wrong = { add: { ...add, profile: 'nobody.knows' } };
  expect((await post('/api/change/plan', wrong)).json<LocalPlanned>()).toMatchObject({ plan: null, login: null });
  const refused = await post('/api/change', wrong);
  expect(refused.statusCode).toBeGreaterThanOrEqual(400);
  expect(refused.body).not.toMatch(/secret"|paired/);
  expect((await local.app.inject({ method: 'POST', url: '/api/change', payload: { add } })).statusCode).toBe(401);
  expect(rig.read()).toBe(before);
});

it('a device that lost its secret is given another, and the old one ends with it', async () => {
  const { rig, post, logIn, pair } = await building();
  const before = await pair({ add });
  const text = rig.read();
  const planned = (await post('/api/change/plan', { reissue: 'counter-1' })).json<LocalPlanned>();
  expect(planned).toMatchObject({ login: 'counter-1', plan: { isEmpty: false, lines: [] }, problems: [] });
  expect(rig.read()).toBe(text);
  await logIn('counter-1', before.secret);
  const after = await pair({ reissue: 'counter-1' });
  expect(after.login).toBe('counter-1');
  await logIn('counter-1', after.secret);
  await expect(logIn('counter-1', before.secret)).rejects.toThrow(/refused/);
  // Nothing but the hash is another.
  const hashes = /hmac-sha256:[0-9a-f]{64}/g;
  expect(rig.read().replaceAll(hashes, '')).toBe(text.replaceAll(hashes, ''));
});

it('nobody is given another who has none, and the sentence says why', async () => {
  const { rig, post } = await building();
  const text = rig.read();
  expect((await post('/api/change', { reissue: 'nobody' })).statusCode).toBe(404);
  expect((await post('/api/change/plan', { reissue: 'nobody' })).statusCode).toBe(404);
  const planned = (await post('/api/change/plan', { reissue: 'meter-1' })).json<LocalPlanned>();
  expect(planned).toMatchObject({ plan: null, problems: [{ zh: expect.stringContaining('bus') as string }] });
  expect((await post('/api/change', { reissue: 'meter-1' })).statusCode).toBe(422);
  expect(rig.read()).toBe(text);
});

const door = {
  id: 'door-1',
  name: '北门',
  profile: 'hikvision.access-terminal',
  port: 'doors',
  // Our own login on the device, for commands; its login with us is another thing.
  address: { host: '127.0.0.1', username: 'admin', passwordFile: 'door.password' },
  place: {},
};

it('a device that posts is told where to, and what it posts there is kept; with another secret nothing is', async () => {
  const { rig, post, pair } = await building();
  writeFileSync(join(rig.folder, 'door.password'), 'p', { mode: 0o600 });
  const planned = (await post('/api/change/plan', { add: door })).json<LocalPlanned>();
  expect(planned).toMatchObject({ login: 'door-1', problems: [] });
  const { login, secret, posts } = await pair({ add: door });
  expect(login).toBe('door-1');
  const [{ scheme, port, path } = { scheme: '', port: 0, path: '' }] = posts;
  expect(path).toBe(`/ingest/hik/${secret}`);
  const told = { AccessControllerEvent: { majorEventType: 5, subEventType: 27, serialNo: 7, doorNo: 1 } };
  const body = JSON.stringify({ eventType: 'AccessControllerEvent', dateTime: new Date().toISOString(), ...told });
  const send = (to: string) =>
    fetch(`${scheme}://127.0.0.1:${port}${to}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  expect((await send('/ingest/hik/of-somebody-else')).status).toBe(403);
  expect((await send(path)).status).toBe(200);
  const again = await pair({ reissue: 'door-1' });
  expect((await send(path)).status).toBe(403);
  expect((await send(again.posts[0]?.path ?? '')).status).toBe(200);
  await rig.stop();
  // The second was the same event, told again.
  const records = (await rig.records()).filter((record) => record.kind === 'alarm' && record.device === 'door-1');
  const moves = records.flatMap((record) => (record.kind === 'alarm' ? record.transitions : []));
  expect(moves.filter(({ kind }) => kind === 'raised')).toMatchObject([{ alarm: 'door_forced' }]);
});
