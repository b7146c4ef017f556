import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** A device that connects by itself is taken in from the page: through the real server into a gateway that runs. */
async function building() {
  const rig = new ChangeRig();
  const port = await freePort(0);
  const lines = [
    'schema: yihu-site/1',
    'gateway: {id: gw-1, name: 一号}',
    'uplink: "off"',
    'data: data',
    'listen: null',
    'ports:',
    `  - {id: wireless, driver: mqtt, listen: '127.0.0.1:${port}', login: required, deviceKeyFile: device.key}`,
    'devices: []',
  ];
  rig.write(`${lines.join('\n')}\n`);
  const profile = profileFrom(counterProfile);
  const catalog = { drivers: await loadDrivers(), profiles: new Map([[profile.id, profile]]), problems: [], isWhole: true };
  const gateway = await rig.start({ catalog });
  const change = new SiteChanges(
    {
      plan: (request) => gateway.planChange(request),
      submit: (request) => gateway.submitChange(request),
      state: () => gateway.changeState(),
      undo: () => gateway.undoChange(),
    },
    () => ({ text: rig.read(), file: rig.file }),
  );
  const local = await localServer({ desk: { ...emptyDesk, change } });
  onTestFinished(() => local.stop());
  const headers = await signedIn(local);
  const post = (url: string, payload: object) => local.app.inject({ method: 'POST', url, payload, headers });
  const logIn = async (username: string, password: string) => {
    const client = await connectAsync({ host: '127.0.0.1', port, username, password, clientId: username, reconnectPeriod: 0 });
    await client.endAsync();
  };
  return { rig, local, headers, post, logIn };
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
