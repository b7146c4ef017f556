import { describe, expect, it, test } from 'vitest';
import { driver } from '../../../gateway/collect/http-event/driver.ts';
import { HttpEventAddress, HttpEventPort } from '../../../gateway/collect/http-event/port.ts';
import { device, profileOf, terminal } from './rig.ts';

const pushing = profileOf({ listen: { event: { path: '/{key}' } } });
const named = profileOf({ listen: { event: { path: '/{sn}' } } });
const streaming = profileOf({ stream: { path: '/stream', channel: 'stream' } });
const known = HttpEventPort.parse({ listen: '0.0.0.0:8620', deviceKeyFile: 'device.key' });
const pinned = HttpEventPort.parse({ listen: '0.0.0.0:8621', senders: 'pinned' });
const paths = (port: HttpEventPort, ...devices: Parameters<typeof driver.check>[1][number][]) =>
  driver.check(port, devices).map(({ path, zh, en }) => {
    expect(zh.length * en.length).toBeGreaterThan(0);
    return path;
  });

describe('a port and its devices', () => {
  it('are in order', () => {
    expect(paths(known, device('a', terminal), device('b', named, { identity: 'B1' }))).toEqual([]);
    expect(paths(pinned, device('a', named, { identity: 'A1', key: undefined, from: ['10.0.0.1'] }))).toEqual([]);
    expect(paths(HttpEventPort.parse({}), device('a', streaming, { key: undefined, host: '10.0.0.1' }))).toEqual([]);
  });
  it('whose device anybody could speak for are not', () =>
    expect(paths(known, device('a', pushing, { key: undefined }))).toEqual(['devices.a.address.key']));
  it('whose old device has no address are not', () =>
    expect(paths(pinned, device('a', pushing, { key: undefined }))).toEqual(['devices.a.address.from']));
  it('that cannot reach each other are not', () => {
    expect(paths(HttpEventPort.parse({}), device('a', streaming, { key: undefined }))).toEqual(['devices.a.address.host']);
    expect(paths(HttpEventPort.parse({ deviceKeyFile: 'k' }), device('a', pushing))).toEqual(['devices.a.port']);
  });
  it('with keys and no file for them are not', () =>
    expect(paths(HttpEventPort.parse({ listen: '0.0.0.0:1' }), device('a', pushing))).toEqual(['deviceKeyFile']));
  it('with a serial number that is missing or does not fit are not', () =>
    expect(paths(known, device('a', named), device('b', named, { identity: 'no blanks', key: undefined }))).toEqual([
      'devices.a.address.identity',
      'devices.b.address.identity',
      'devices.b.address.key',
    ]));
  it('with twins are not', () => {
    const twin = (id: string, address: Record<string, unknown>) => device(id, named, { key: undefined, ...address });
    const login = { username: 'x', passwordFile: 'f' };
    expect(paths(known, twin('a', { identity: 'A', login }), twin('b', { identity: 'A', login }))).toEqual([
      'devices.b.address.identity',
    ]);
    const key = `hmac-sha256:${'0'.repeat(64)}`;
    expect(paths(known, device('a', pushing, { key }), device('b', pushing, { key }))).toEqual(['devices.b.address.key']);
    const from = { key: undefined, from: ['10.0.0.1'] };
    expect(paths(pinned, device('a', pushing, from), device('b', pushing, from))).toEqual(['devices.b.address.from']);
  });
  it('with half a login are not', () =>
    expect(
      paths(
        known,
        device('a', terminal, { host: 'x', username: 'admin' }),
        device('b', terminal, { username: 'a', passwordFile: 'f' }),
      ),
    ).toEqual(['devices.a.address.passwordFile', 'devices.b.address.host']));
});

test('addresses and ports that cannot be are refused by their schema', () => {
  const refused: unknown[] = [
    { host: 'http://cam' },
    { host: 'cam:80' },
    { host: 'user:pw@cam' },
    { from: ['10.0.0.0/8'] },
    { key: 'plain' },
    { fingerprint: 'abc' },
    { auth: 'none' },
    { unknown: 1 },
  ];
  for (const address of refused) expect(HttpEventAddress.safeParse(address).success, JSON.stringify(address)).toBe(false);
  for (const port of [{ listen: '8620' }, { listen: 'x:99999' }, { senders: 'anyone' }, { x: 1 }])
    expect(HttpEventPort.safeParse(port).success, JSON.stringify(port)).toBe(false);
  expect(HttpEventAddress.parse({ fingerprint: 'ab:'.repeat(31) + 'cd' }).fingerprint).toBe('AB'.repeat(31) + 'CD');
});
