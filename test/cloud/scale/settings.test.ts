import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../../cloud/accept/owner.ts';
import { readConfig } from '../../../cloud/config.ts';

const gateways = Array.from({ length: 2000 }, (_, nth) => `gw-${nth}`);

describe('whose a gateway is', () => {
  it('every worker knows the same, whatever order it heard of the others in', () => {
    for (const gateway of gateways.slice(0, 50))
      expect(ownerOf(gateway, ['c', 'a', 'b'])).toBe(ownerOf(gateway, ['a', 'b', 'c']));
    expect(ownerOf('gw-1', [])).toBeNull();
  });

  it('each has about its share, and where one goes only its own move', () => {
    const before = gateways.map((gateway) => ownerOf(gateway, ['a', 'b', 'c']));
    for (const member of ['a', 'b', 'c']) expect(before.filter((owner) => owner === member).length).toBeGreaterThan(550);
    const after = gateways.map((gateway) => ownerOf(gateway, ['a', 'c']));
    before.forEach((owner, nth) => expect(owner === 'b' || owner === after[nth]).toBe(true));
  });
});

describe('the settings of a worker', () => {
  it('a machine alone does everything, without a broker', () => {
    const read = readConfig({}, {}, undefined);
    expect(read.ok && [[...read.config.roles], read.config.broker, read.config.worker]).toEqual([
      ['web', 'accept', 'sweep'],
      null,
      null,
    ]);
  });

  it('a worker is named by flags or by the environment', () => {
    const read = readConfig({ role: 'accept, sweep' }, { YIHU_BROKER: 'mqtts://broker:8883', YIHU_WORKER: 'w-1' }, undefined);
    expect(read.ok && read.config).toMatchObject({
      roles: new Set(['accept', 'sweep']),
      broker: { url: 'mqtts://broker:8883' },
      worker: 'w-1',
    });
  });

  it.each([
    [{ role: 'everything' }, ['role']],
    [{ role: '' }, ['role']],
    [{ broker: 'http://broker' }, ['broker']],
    [{ worker: 'a/b' }, ['worker']],
    [{ brokerCa: '/nowhere/ca.pem' }, ['brokerCa', 'broker']],
    [{ broker: 'mqtts://b:1', brokerCert: '/nowhere/x.pem' }, ['brokerCert', 'brokerKey']],
  ])('%j is refused with its name', (flags, paths) => {
    const read = readConfig(flags, {}, undefined);
    expect(read.ok ? [] : read.problems.map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
  });
});
