import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { diffOf } from '../../../gateway/commission/site-diff.ts';
import { editSite } from '../../../gateway/commission/site-edit.ts';

const site = `# Basement of building 1
schema: yihu-site/1
devices:
  # The old one
  - { id: meter-1, profile: chint.ddsu666, port: meters, address: { unit: 1 } } # replaced in spring
  - id: meter-2
    profile: chint.ddsu666
`;
const added = {
  id: 'meter-3',
  name: '3 号表',
  profile: 'chint.ddsu666',
  port: 'meters',
  address: { unit: 3 },
  place: { room: '3' },
};

test('a device more: everything else stays as somebody wrote it', () => {
  const text = editSite(site, { add: added }) ?? '';
  for (const line of ['# Basement of building 1', '# The old one', '# replaced in spring']) expect(text).toContain(line);
  const { devices } = parse(text) as { devices: unknown[] };
  expect(devices).toHaveLength(3);
  expect(devices[2]).toEqual(added);
});

test('the first device of a site', () => {
  for (const empty of ['schema: yihu-site/1\n', 'schema: yihu-site/1\ndevices: []\n'])
    expect(parse(editSite(empty, { add: added }) ?? '')).toMatchObject({ devices: [added] });
});

test('a device less; one that is not there is said', () => {
  const text = editSite(site, { remove: 'meter-1' }) ?? '';
  expect((parse(text) as { devices: { id: string }[] }).devices.map(({ id }) => id)).toEqual(['meter-2']);
  expect(editSite(site, { remove: 'none' })).toBeNull();
});

const change = (of: object) => editSite(site, { change: { id: 'meter-1', ...of } }) ?? '';
const deviceIn = (text: string) => (parse(text) as { devices: Record<string, unknown>[] }).devices[0];

test('a device otherwise: only what was named differs, and comments stay', () => {
  const text = change({
    name: '1 号表',
    address: { unit: 9 },
    place: { building: '1', room: '' },
    params: { rated: 60 },
    alarms: { over: { limit: 240, forS: 30, off: true } },
  });
  expect(text).toContain('# replaced in spring');
  expect(deviceIn(text)).toEqual({
    id: 'meter-1',
    profile: 'chint.ddsu666',
    port: 'meters',
    address: { unit: 9 },
    name: '1 号表',
    place: { building: '1' },
    params: { rated: 60 },
    alarms: { over: { limit: 240, for: '30s', off: true } },
  });
});

test('limits of parts stand under their profile, and leave nothing behind either', () => {
  const parts = { 'gb26875.gas': { params: { gas_low: 4 }, alarms: { concentration_high: { limit: 12 } } } };
  const set = change({ parts });
  expect(deviceIn(set)).toMatchObject({ parts });
  const back = { 'gb26875.gas': { params: { gas_low: null }, alarms: { concentration_high: { limit: null } } } };
  const without = editSite(set, { change: { id: 'meter-1', parts: back } }) ?? '';
  expect(deviceIn(without)).not.toHaveProperty('parts');
});

test('what goes back to the profile leaves nothing empty behind', () => {
  const set = change({ params: { rated: 60 }, alarms: { over: { limit: 240, forS: 30 } } });
  const half = editSite(set, { change: { id: 'meter-1', alarms: { over: { limit: null } } } }) ?? '';
  expect(deviceIn(half)).toMatchObject({ params: { rated: 60 }, alarms: { over: { for: '30s' } } });
  const back = editSite(half, { change: { id: 'meter-1', params: { rated: null }, alarms: { over: { forS: null } } } }) ?? '';
  expect(deviceIn(back)).toEqual({ id: 'meter-1', profile: 'chint.ddsu666', port: 'meters', address: { unit: 1 } });
  expect(editSite(site, { change: { id: 'none', name: 'x' } })).toBeNull();
});

test('a name in both languages keeps the other one, and an address its secret', () => {
  const text = 'devices:\n  - id: a\n    name: { zh: 旧, en: Old }\n    address: { identity: a, secret: hmac-sha256:00 }\n';
  const changed = editSite(text, { change: { id: 'a', name: '新', address: { identity: 'b' } } }) ?? '';
  expect(deviceIn(changed)).toMatchObject({
    name: { zh: '新', en: 'Old' },
    address: { identity: 'b', secret: 'hmac-sha256:00' },
  });
  expect(JSON.stringify(diffOf(text, changed))).not.toContain('hmac');
});

test('the difference shows the lines that go and come, and no other', () => {
  expect(diffOf(site, change({ address: { unit: 9 } }))).toEqual([
    { sign: '-', text: '  - { id: meter-1, profile: chint.ddsu666, port: meters, address: { unit: 1 } } # replaced in spring' },
    { sign: '+', text: '  - { id: meter-1, profile: chint.ddsu666, port: meters, address: { unit: 9 } } # replaced in spring' },
  ]);
  expect(diffOf(site, site)).toEqual([]);
});

test('a port that comes with its device', () => {
  const newPort = { driver: 'line', host: '192.168.1.40', port: 4196 } as const;
  const edited = editSite(site, { add: { ...added, port: 'p-40' }, newPort }) ?? '';
  expect(parse(edited)).toMatchObject({
    ports: [{ id: 'p-40', driver: 'line', mode: 'tcp', host: '192.168.1.40', port: 4196 }],
    devices: [{ id: 'meter-1' }, { id: 'meter-2' }, { id: 'meter-3', port: 'p-40' }],
  });
});
