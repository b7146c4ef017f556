import { describe, expect, it } from 'vitest';
import { driver } from '../../../gateway/collect/onvif/driver.ts';
import { OnvifAddress, OnvifPort } from '../../../gateway/collect/onvif/settings.ts';
import { profile } from './rig.ts';

const cam = (id: string, address: Record<string, unknown>) => ({
  id,
  profile,
  address: OnvifAddress.parse({ host: '10.0.0.1', ...address }),
});

describe('the address of a camera', () => {
  it('is a host; the rest is what cameras usually have', () => {
    expect(OnvifAddress.parse({ host: '10.0.0.1' })).toEqual({ host: '10.0.0.1', path: '/onvif/device_service', pictures: 'on' });
  });

  it.each([
    ['a URL for a host', { host: 'http://10.0.0.1' }, 'host'],
    ['a login in the host', { host: 'admin:secret@10.0.0.1' }, 'host'],
    ['a password in the file', { host: '10.0.0.1', password: 'secret' }, ''],
    ['a name without a password', { host: '10.0.0.1', username: 'admin' }, 'passwordFile'],
    ['a path that is none', { host: '10.0.0.1', path: 'onvif' }, 'path'],
    ['a fingerprint that is none', { host: '10.0.0.1', fingerprint: 'AB:CD' }, 'fingerprint'],
  ])('is not %s', (_, address, path) => {
    const parsed = OnvifAddress.safeParse(address);
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});

describe('a port of cameras', () => {
  it('takes no picture out of a video unless it is told to', () => {
    expect(OnvifPort.parse({})).toEqual({ rtsp: 'off' });
    expect(OnvifPort.safeParse({ rtsp: 'on' }).success).toBe(false);
  });

  it('has each camera once: two devices on one would take each other’s room', () => {
    const port = OnvifPort.parse({});
    const problems = driver.check(port, [
      cam('a', {}),
      cam('b', { port: 80 }),
      cam('c', { port: 8080 }),
      cam('d', { path: '/onvif/2' }),
    ]);
    expect(problems.map(({ path }) => path)).toEqual(['devices.b.address.host']);
    expect(problems[0]?.zh).toContain('b');
  });

  it('asks no camera for pictures whose pictures are off', () => {
    const port = OnvifPort.parse({});
    expect([cam('a', {}), cam('b', { pictures: 'off' })].map((device) => driver.hasPictures?.(port, device))).toEqual([
      true,
      false,
    ]);
  });
});
