import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type AloneDevice, aloneOn } from './alone.ts';
import { SimulationError } from './device.ts';

/** How one device of a profile is simulated on this machine: at a port of the loopback, or on a virtual serial port. */
export function oneDevice(
  profile: Profile,
  profiles: Iterable<Profile>,
  { port, serial, key }: { port: number; serial?: string | undefined; key?: string | undefined },
): AloneDevice {
  const ways = aloneOn(profile, profiles, { host: '127.0.0.1', port });
  const line = ways.find(({ driver }) => driver === 'line');
  if (serial !== undefined) {
    if (line) return { ...line, port: { mode: 'serial', path: serial } };
    throw new SimulationError(
      `档案 ${profile.id} 的设备不在串行线路上`,
      `A device of profile ${profile.id} is on no serial line.`,
    );
  }
  // Modbus TCP before RTU behind a serial server, where a device has both.
  const [first] = ways.toSorted((a, b) => Number(a.driver === 'line') - Number(b.driver === 'line'));
  const way = first as AloneDevice;
  if (way.needsKey && key === undefined) {
    throw new SimulationError(
      `这种设备要用密钥登录网关：用 yihu-gateway secret 签发后加上 --key`,
      `Such a device logs in with a key: issue one with yihu-gateway secret and give it with --key.`,
    );
  }
  return way;
}
