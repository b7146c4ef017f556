import { loadProfile } from '@yihu/device-profiles/library/load.ts';
import type { LocalSurvey, LocalSurveyRequest } from '@yihu/device-profiles/vocabulary/local-survey.ts';
import mqtt from 'mqtt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../demo/ports.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { ownSubnets, outOfReach } from '../../../gateway/commission/reachable.ts';
import { Surveys } from '../../../gateway/local/surveys.ts';
import { checkSiteText, openCatalog } from '../../../gateway/site.ts';
import { describeWith } from '../../needs.ts';
import { broker } from '../commission/broker.ts';
import { bridge } from '../commission/zigbee-bridge.ts';
import { registerServer } from '../modbus/register-server.ts';
import { until } from '../change/rig.ts';

const head = `schema: yihu-site/1\ngateway: { id: gw-1, name: 一号 }\nlisten: null\nuplink: "off"\n`;

async function surveys(rest: string) {
  const checked = await checkSiteText(head + rest, '/nowhere/gateway.yaml', await openCatalog());
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
  const smoke = await loadProfile(new URL('../../../device-profiles/heiman/hs1sa-e.yaml', import.meta.url).pathname);
  const profiles = async () => ('problems' in smoke ? [] : [smoke.profile]);
  const made = new Surveys({ clock: systemClock, site: () => checked.site, profiles });
  onTestFinished(() => made.end());
  return made;
}

async function over(all: Surveys): Promise<LocalSurvey> {
  await until(() => all.now()?.state !== 'running', 'the end of the survey');
  return all.now() ?? Promise.reject(new Error('no survey'));
}

describe('a survey of a network', () => {
  it('finds what listens, says what the site knows, and what a port for it would be', async () => {
    const [known, fresh] = [await registerServer('tcp'), await registerServer('rtu')];
    const all = await surveys(
      `network: { subnets: [127.0.0.1/32] }\nports: [{ id: pumps, driver: modbus, host: 127.0.0.1, port: ${known.port} }]\ndevices: []\n`,
    );
    const asked: LocalSurveyRequest = { kind: 'tcp', subnets: ['127.0.0.1/32'], ports: [known.port, fresh.port] };
    expect(all.start(asked)).toMatchObject({ survey: { state: 'running' } });
    expect(all.start(asked)).toHaveProperty('refused');
    const { state, done, of, found } = await over(all);
    expect({ state, done, of }).toEqual({ state: 'done', done: 2, of: 2 });
    expect(found).toMatchObject([
      { name: `127.0.0.1:${known.port}`, known: { port: 'pumps' }, add: { port: 'pumps', newPort: null, address: { unit: 1 } } },
      { known: null, add: { newPort: { driver: 'line', host: '127.0.0.1', port: fresh.port } } },
    ]);
  });

  it('asks nobody outside of declared and private networks', async () => {
    const all = await surveys('ports: []\ndevices: []\n');
    const start = (...subnets: string[]) => all.start({ kind: 'tcp', subnets });
    for (const subnet of ['8.8.8.0/24', '127.0.0.1/32', '192.167.0.0/24']) expect(start(subnet)).toHaveProperty('refused');
    expect(start('192.168.8.0/24', '1.1.1.1/32')).toHaveProperty('refused');
    expect(start('10.0.0.0/16')).toMatchObject({ refused: { zh: expect.stringContaining('网段太大') as string } });
    expect(all.now()).toBeNull();
    expect(outOfReach(['172.31.4.0/24', '172.32.0.0/24'], [])).toEqual(['172.32.0.0/24']);
  });

  it('stops between two questions', async () => {
    const all = await surveys('network: { subnets: [127.0.0.0/24] }\nports: []\ndevices: []\n');
    all.start({ kind: 'tcp', subnets: ['127.0.0.0/24'], ports: [await freePort(0)] });
    all.stop();
    expect(await over(all)).toMatchObject({ state: 'stopped', found: [] });
  });

  it('offers the networks of this machine, and of a large one only its own part', () => {
    const entry = (cidr: string, internal = false) =>
      ({ address: cidr.split('/')[0] ?? '', cidr, internal, family: 'IPv4', netmask: '', mac: '' }) as const;
    const given = {
      lo: [entry('127.0.0.1/8', true)],
      eth0: [entry('10.0.3.77/16')],
      eth1: [entry('192.168.8.5/25')],
      wan: [entry('8.8.8.8/24')],
    };
    expect(ownSubnets(given)).toEqual(['10.0.3.0/24', '192.168.8.0/25']);
  });
});

describeWith(['mosquitto'], 'a survey of a broker', () => {
  it('hears who is there with the profile it could be, and ends when asked', { timeout: 60_000 }, async () => {
    const url = `mqtt://127.0.0.1:${await broker()}`;
    const bridge = await mqtt.connectAsync(url);
    onTestFinished(() => bridge.endAsync(true));
    const list = [{ friendly_name: 'smoke-1', type: 'EndDevice', definition: { model: 'HS1SA-E' } }];
    await bridge.publishAsync('zigbee2mqtt/bridge/devices', JSON.stringify(list), { qos: 1, retain: true });
    const all = await surveys(`ports: [{ id: wireless, driver: mqtt, connect: "${url}" }]\ndevices: []\n`);
    expect(all.places().brokers).toEqual([url]);
    all.start({ kind: 'mqtt', url, seconds: 600 });
    await until(() => (all.now()?.found.length ?? 0) > 0, 'somebody to be heard');
    all.stop();
    expect(await over(all)).toMatchObject({
      state: 'stopped',
      found: [{ name: 'smoke-1', profiles: ['heiman.hs1sa-e'], add: { port: 'wireless', address: { identity: 'smoke-1' } } }],
    });
  });

  it(
    'opens the pairing window of its bridge, counts by the bridge’s deadline, shows who joins, and closes it',
    { timeout: 60_000 },
    async () => {
      const url = `mqtt://127.0.0.1:${await broker()}`;
      const { asked, event } = await bridge(url, { mostSeconds: 100 });
      const all = await surveys(`ports: [{ id: wireless, driver: mqtt, connect: "${url}" }]\ndevices: []\n`);
      all.start({ kind: 'zigbee', url, base: 'zigbee2mqtt', seconds: 200 });
      await until(() => (all.now()?.atMostMs ?? 0) > 0, 'the window to open');
      expect(all.now()?.atMostMs).toBeLessThan(160_000);
      const who = { friendly_name: '0x0015', ieee_address: '0x0015' };
      await event('device_joined', who);
      await until(() => all.now()?.found.length === 1, 'somebody to join');
      await event('device_interview', { ...who, status: 'successful', definition: { model: 'HS1SA-E', vendor: 'Heiman' } });
      await until(() => all.now()?.found[0]?.profiles.length === 1, 'its profile');
      expect(all.now()?.found).toMatchObject([{ name: '0x0015', add: { port: 'wireless', profile: 'heiman.hs1sa-e' } }]);
      all.stop();
      expect(await over(all)).toMatchObject({ state: 'stopped' });
      await until(() => asked.at(-1) === 0, 'the window to be closed');
    },
  );

  it('that is away, or of somebody else, is said', async () => {
    const all = await surveys('ports: []\ndevices: []\n');
    all.start({ kind: 'mqtt', url: `mqtt://127.0.0.1:${await freePort(0)}`, seconds: 5 });
    expect(await over(all)).toMatchObject({ state: 'failed', reason: { zh: expect.stringContaining('ECONNREFUSED') as string } });
    all.start({ kind: 'mqtt', url: 'mqtt://8.8.8.8:1883', seconds: 5 });
    expect(await over(all)).toMatchObject({ state: 'failed', reason: { zh: expect.stringContaining('私有网段') as string } });
  });
});

it('cameras are looked for only where this machine is', async () => {
  const all = await surveys('network: { subnets: [203.0.113.0/24] }\nports: []\ndevices: []\n');
  all.start({ kind: 'cameras', subnets: ['203.0.113.0/24'] });
  expect(await over(all)).toMatchObject({ state: 'failed', reason: { zh: expect.stringContaining('本机没有地址') as string } });
});
