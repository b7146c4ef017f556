import mqtt from 'mqtt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../demo/ports.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { publishersIn } from '../../../gateway/commission/mqtt-families.ts';
import { type MqttScanEvent, scanMqtt } from '../../../gateway/commission/scan-mqtt.ts';
import { identityIn } from '../../../gateway/commission/topic-identity.ts';
import { loadProfile } from '@yihu/device-profiles/library/load.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { describeWith } from '../../needs.ts';
import { broker } from './broker.ts';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

async function profile(name: string): Promise<Profile> {
  const loaded = await loadProfile(new URL(`../../../device-profiles/${name}.yaml`, import.meta.url).pathname);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.profile;
}

describe('who publishes', () => {
  it.each([
    ['tele/plug-7/LWT', 'Online', [{ family: 'tasmota', id: 'plug-7' }]],
    [
      'tasmota/discovery/A4CF12/config',
      { t: 'plug-7', dn: '七号插座', md: 'Nous A1T' },
      [{ family: 'tasmota', id: 'plug-7', name: '七号插座', model: 'Nous A1T' }],
    ],
    ['shellies/shellyflood-A1B2C3/sensor/flood', 'true', [{ family: 'shelly', id: 'shellyflood-A1B2C3', model: 'shellyflood' }]],
    [
      'shellyplus1pm-a1b2c3d4e5f6/online',
      'true',
      [{ family: 'shelly', id: 'shellyplus1pm-a1b2c3d4e5f6', model: 'shellyplus1pm' }],
    ],
    [
      'application/3/device/24e124136b502217/event/up',
      { deviceInfo: { deviceName: '井盖', deviceProfileName: 'EM310-TILT' } },
      [{ family: 'chirpstack', id: '24e124136b502217', name: '井盖', model: 'EM310-TILT' }],
    ],
    ['zigbee2mqtt/厨房烟感', { smoke: false }, [{ family: 'zigbee2mqtt', id: '厨房烟感', name: '厨房烟感' }]],
    ['frigate/events', {}, [{ family: 'frigate', id: 'frigate', isBridge: true }]],
    [
      'homeassistant/sensor/x/config',
      { dev: { ids: ['0x1'], name: 'X', mdl: 'M' } },
      [{ family: 'home-assistant', id: '0x1', name: 'X', model: 'M' }],
    ],
    ['office/printer/status', 'ok', []],
    ['tele/\u0007/LWT', 'Online', []],
  ])('%s', (topic, payload, found) => {
    expect(publishersIn(topic, bytes(payload))).toEqual(found);
  });

  it('reads the list of a Zigbee bridge without its coordinator', () => {
    const list = [
      { friendly_name: 'Coordinator', type: 'Coordinator' },
      { friendly_name: 'smoke-1', type: 'EndDevice', definition: { model: 'HS1SA-E', vendor: 'Heiman' } },
    ];
    expect(publishersIn('zigbee2mqtt/bridge/devices', bytes(list))).toEqual([
      { family: 'zigbee2mqtt', id: 'smoke-1', name: 'smoke-1', model: 'HS1SA-E' },
    ]);
  });

  it('is not thrown off by anything published', () => {
    for (const payload of ['', '{', '[]', '[null,1,{"friendly_name":5}]', '{"dev":{"ids":[]}}', '\u0000'])
      for (const topic of [
        'zigbee2mqtt/bridge/devices',
        'tasmota/discovery/A/config',
        'homeassistant/a/b/config',
        'shellies/announce',
      ])
        expect(publishersIn(topic, bytes(payload))).toEqual([]);
  });

  it('knows the identity in the topics of a profile', async () => {
    const door = await profile('generic/door-controller');
    expect(identityIn(door, 'doors/gate-3/event')).toBe('gate-3');
    expect(identityIn(door, 'doors/gate-3/other')).toBeUndefined();
  });
});

describeWith(['mosquitto'], 'a broker that is there', () => {
  it('is listened to, and what is on it is proposed with its profile', { timeout: 60_000 }, async () => {
    const port = await broker();
    const url = `mqtt://127.0.0.1:${port}`;
    const devices = await mqtt.connectAsync(url);
    onTestFinished(() => devices.endAsync(true));
    const list = [{ friendly_name: 'smoke-1', type: 'EndDevice', definition: { model: 'HS1SA-E' } }];
    await devices.publishAsync('zigbee2mqtt/bridge/devices', JSON.stringify(list), { qos: 1, retain: true });
    const profiles = [await profile('heiman/hs1sa-e'), await profile('generic/door-controller')];
    const stop = new AbortController();
    const events: MqttScanEvent[] = [];
    const scan = { url, ms: 30_000, profiles, clock: systemClock, signal: stop.signal };
    for await (const event of scanMqtt(scan)) {
      events.push(event);
      if (event.kind === 'found' && event.publisher.family === 'profile') stop.abort();
      if (event.kind === 'found' && event.publisher.id === 'smoke-1')
        await devices.publishAsync('doors/gate-3/state', '{"door":"open"}', { qos: 1 });
    }
    const found = events.flatMap((event) => (event.kind === 'found' ? [event.publisher] : []));
    expect(found).toMatchObject([
      { family: 'zigbee2mqtt', id: 'smoke-1', profiles: ['heiman.hs1sa-e'] },
      { family: 'profile', id: 'gate-3', profiles: ['generic.door-controller'] },
    ]);
    expect(events.at(-1)).toMatchObject({ kind: 'done', found: 2 });
  });

  it('that is not there is said', async () => {
    const events: MqttScanEvent[] = [];
    const url = `mqtt://127.0.0.1:${await freePort(0)}`;
    for await (const event of scanMqtt({ url, ms: 1_000, profiles: [], clock: systemClock })) events.push(event);
    expect(events).toMatchObject([{ kind: 'unreachable', problem: { en: expect.stringContaining('ECONNREFUSED') as string } }]);
  });
});
