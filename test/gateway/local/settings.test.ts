import { loadOwn } from '@yihu/device-profiles/library/load.ts';
import { expect, test } from 'vitest';
import { rowsOf } from '../../../gateway/local/devices.ts';
import { findProfiles } from '../../../gateway/local/profiles.ts';
import { settingsOf } from '../../../gateway/local/settings.ts';
import { checkSiteText, openCatalog } from '../../../gateway/site.ts';

const id = 'fuketai.combustible';
const site = `schema: yihu-site/1
gateway: { id: gw-1, name: 一号 }
listen: null
uplink: "off"
ports:
  - { id: meters, driver: line, mode: tcp, host: 127.0.0.1, port: 9, baud: 9600 }
  - { id: spare, driver: line, mode: tcp, host: 127.0.0.1, port: 10, baud: 9600 }
  - { id: net, driver: http-event, listen: "127.0.0.1:8099" }
devices:
  - id: gas
    profile: ${id}
    port: meters
    address: { unit: 3 }
    name: 燃气
    place: { building: "1", room: 厨房 }
    params: { low: 10 }
    alarms: { high: { limit: 30, for: 5s } }
`;

async function library() {
  const loaded = await loadOwn(id);
  if (loaded === null || 'problems' in loaded) throw new Error('no profile');
  return new Map([[id, loaded]]);
}

test('a device as its form begins: what it is set to, beside what the profile says and the clause of it', async () => {
  const checked = await checkSiteText(site, '/nowhere/gateway.yaml', await openCatalog());
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
  const given = await settingsOf({ site: () => checked.site }, library, 'gas');
  expect(given).toMatchObject({ name: '燃气', port: 'meters', ports: ['meters', 'spare'], address: { unit: 3 } });
  expect(given?.place).toEqual({ building: '1', room: '厨房' });
  expect(given?.params[0]).toMatchObject({ id: 'low', value: 10, default: 8, min: 3, max: 25, symbol: '%LEL' });
  expect(given?.params[0]?.ref).toContain('GB 15322');
  expect(given?.params[1]).toMatchObject({ id: 'high', value: null, default: 20 });
  const [low, high] = given?.alarms ?? [];
  expect(low).toMatchObject({ id: 'low', compares: 'above', usual: { limit: 10, clear: 8 }, own: { limit: null, off: false } });
  expect(high).toMatchObject({ usual: { limit: 20, clear: 18 }, own: { limit: 30, clear: null, forS: 5 } });
  expect(high?.ref).toContain('GB 15322');
  expect(await settingsOf({ site: () => checked.site }, library, 'none')).toBeNull();
});

test('the parts of a panel, kind by kind, with what is set for all of a kind', async () => {
  const panel = `schema: yihu-site/1
gateway: { id: gw-1, name: 一号 }
listen: null
uplink: "off"
ports: [{ id: fire, driver: gb26875, listen: "127.0.0.1:8098" }]
devices:
  - id: panel
    profile: gb26875.transmitter
    port: fire
    address: { source: "0000000000ab" }
    name: 消防主机
    parts: { gb26875.gas: { params: { gas_low: 4 }, alarms: { concentration_high: { off: true } } } }
`;
  const checked = await checkSiteText(panel, '/nowhere/gateway.yaml', await openCatalog());
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
  const loaded = await loadOwn('gb26875.gas');
  if (loaded === null || 'problems' in loaded) throw new Error('no profile');
  const given = await settingsOf(
    { site: () => checked.site },
    () => Promise.resolve(new Map([['gb26875.gas', loaded]])),
    'panel',
  );
  const gas = given?.parts.find((part) => part.id === 'gb26875.gas');
  expect(gas?.params.find((param) => param.id === 'gas_low')).toMatchObject({ value: 4, default: 8, min: 3 });
  expect(gas?.alarms.find((alarm) => alarm.id === 'concentration_low')?.usual).toMatchObject({ limit: 4, clear: 2 });
  expect(gas?.alarms.find((alarm) => alarm.id === 'concentration_high')?.own).toMatchObject({ off: true });
  expect(given?.parts.length).toBeGreaterThan(5);
});

test('a device and a profile are found by what is said of them, in pinyin and by its initials', async () => {
  const checked = await checkSiteText(
    site.replace('name: 燃气', 'name: 幸福里燃气'),
    '/nowhere/gateway.yaml',
    await openCatalog(),
  );
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
  const parts = {
    site: () => checked.site,
    pipeline: { snapshot: () => [] },
    ports: { all: () => new Map() },
    clock: { now: () => 1 },
  };
  const found = (q: string) => rowsOf(parts as never, { q, port: '' }).matching;
  for (const q of ['xfl', 'xingfuli', '燃气', 'gas', 'xflrq', '厨房', 'cf', 'unit 3']) expect([q, found(q)]).toEqual([q, 1]);
  expect(found('dianti')).toBe(0);
  const profiles = findProfiles(await library(), { q: 'krqt', protocol: '' });
  expect(profiles.matching).toBe(1);
});
