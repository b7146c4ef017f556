import { describe, expect, it } from 'vitest';
import { checkSite } from '../../gateway/config.ts';
import { compile } from '../../gateway/decode/decode.ts';
import { loadDrivers } from '../../gateway/drivers.ts';
import { message, mqtt } from './decode/profile.ts';

const name = { zh: '水箱高度', en: 'Tank height' };
const height = { name, unit: 'm', default: 3, min: 0.5, max: 20, ask: true };
const high = { name: { zh: '高水位', en: 'High level' }, unit: 'm', default: 2.5, min: 0.1, max: 19 };
const tank = mqtt(
  { level: { unit: 'm', valid: [0, '=height'] }, percent: { unit: '%', compute: 'level / height * 100', round: 0 } },
  [{ points: { level: '$.l' } }],
  {
    params: { height, high },
    alarms: { high: { name, point: 'level', above: '=high', clear: '=high - 0.5', severity: 'minor', hazard: 'water' } },
    time: { from: '$.t', format: 'YYYY-MM-DD HH:mm:ss' },
  },
);
const drivers = await loadDrivers();
const check = (devices: string, gateway = '{id: gw, name: 网关}') =>
  checkSite(
    `schema: yihu-site/1
gateway: ${gateway}
ports:
  - {id: air, driver: mqtt, listen: "127.0.0.1:1883", login: open}
devices:
${devices}`,
    'gateway.yaml',
    { drivers, profiles: new Map([['test.device', tank]]), applyVariant: () => null },
  );
const device = (id: string, more: string) =>
  `  - {id: ${id}, profile: test.device, port: air, address: {identity: ${id}}, name: 水箱${more}}\n`;
const problems = (checked: ReturnType<typeof check>) =>
  'problems' in checked ? checked.problems.map(({ line, path, en }) => `${line} ${path}: ${en}`) : [];

describe('parameters of a device in the site file', () => {
  it('make the profile that its driver, its decoder and its rules get', () => {
    const checked = check(
      device('low', ', params: {height: 2, high: 1.5}') +
        device('tall', ', params: {height: 10, high: 9}') +
        device('also', ', params: {high: 9, height: 10}'),
    );
    if (!('site' in checked)) throw new Error(problems(checked).join('\n'));
    const [low, tall, also] = checked.site.devices;
    expect(low?.profile.alarms['high']).toMatchObject({ above: 1.5, clear: 1 });
    expect(tall?.profile.alarms['high']).toMatchObject({ above: 9, clear: 8.5 });
    expect(checked.site.ports[0]?.devices[1]?.profile).toBe(tall?.profile);
    expect(also?.profile).toBe(tall?.profile);
    const percent = (of: typeof low) =>
      of &&
      compile(of.profile)
        .decode(message({ l: 1 }))
        .readings.map(({ value }) => value);
    expect(percent(low)).toEqual([1, 50]);
    expect(percent(tall)).toEqual([1, 10]);
  });
  it('are said to be wrong at their line, all at once', () =>
    expect(
      problems(check(device('a', '') + device('b', ', params: {height: 30, hihg: 1}') + device('c', ', params: {height: 2}'))),
    ).toEqual([
      "6 devices[0].params.height: Set Tank height (params.height, in m); the profile's own figure is only a stand-in.",
      '7 devices[1].params.height: Tank height must be within 0.5–20 m; 30 is not.',
      '7 devices[1].params.hihg: The profile has no parameter hihg; it has: height, high.',
      '8 devices[2].params: alarms.high.above: 2.5 is outside the valid range of the point and is never reached.',
    ]));
  it('are looked at also where the rest of the file is wrong', () =>
    expect(problems(check(device('b', ', params: {height: 30}'), '{id: gw}'))).toEqual(
      expect.arrayContaining(['6 devices[0].params.height: Tank height must be within 0.5–20 m; 30 is not.']),
    ));
});

describe('the zone of the site', () => {
  const deviceAt = (gateway: string) => {
    const checked = check(device('a', ', params: {height: 3}'), gateway);
    if (!('site' in checked)) return problems(checked);
    const [one] = checked.site.devices;
    return one && compile(one.profile).decode(message({ l: 1, t: '2026-01-01 08:00:00' })).readings[0]?.deviceAt;
  };
  it('is that of times which name none', () => {
    expect(deviceAt('{id: gw, name: 网关}')).toBe(Date.UTC(2026, 0, 1));
    expect(deviceAt('{id: gw, name: 网关, zone: Europe/Berlin}')).toBe(Date.UTC(2026, 0, 1, 7));
  });
  it('must be one', () =>
    expect(deviceAt('{id: gw, name: 网关, zone: Europe/Berlyn}')).toEqual([
      '2 gateway.zone: must be a time zone such as +08:00 or Asia/Shanghai',
    ]));
});
