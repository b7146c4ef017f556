import { describe, expect, it } from 'vitest';
import { siteEgress } from '../../gateway/egress.ts';

const names: Readonly<Record<string, string>> = { 'camera.lan': '192.168.8.20', 'elsewhere.example': '8.8.8.8' };
const egress = siteEgress(['192.168.8.0/24', 'fd00::/8'], (name) => Promise.resolve(names[name]));

describe('only declared subnets are contacted', () => {
  it.each(['192.168.8.1', '192.168.8.255', 'camera.lan', 'fd12::1', '[fd12::1]'])('%s passes', async (host) =>
    expect(await egress.resolve(host)).toHaveProperty('address'),
  );
  it.each([
    '192.168.9.1',
    '127.0.0.1',
    'localhost',
    '::1',
    '0.0.0.0',
    '169.254.169.254',
    '2130706433',
    '0x7f.1',
    'elsewhere.example',
    'nowhere.example',
    '::ffff:10.0.0.1',
  ])('%s does not', async (host) => expect(await egress.resolve(host)).toHaveProperty('refused'));
  it('a name is answered by the address that was checked', async () =>
    expect(await egress.resolve('camera.lan')).toEqual({ address: '192.168.8.20' }));
  it('nothing declared, nothing contacted', async () =>
    expect(await siteEgress([]).resolve('192.168.8.1')).toHaveProperty('refused'));
});
