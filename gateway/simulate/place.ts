import { isIP } from 'node:net';
import { z } from 'zod';
import { type SimulatedDevice, SimulationError } from './device.ts';

/** Where the gateway will look for the devices of a port, or where it listens for them: the simulator must be found there. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What the simulator reads of a port's settings and of an address; the rest belongs to the driver. */
const Place = z.looseObject({ host: z.string().optional(), port: z.number().int().optional() });

/** Where a device is that the gateway goes to. Throws SimulationError for places that are not this machine. */
export function endpointOf(device: SimulatedDevice, settings: unknown, usualPort: number): Endpoint {
  const own = Place.parse(device.address);
  const shared = Place.parse(settings);
  return { host: ownHost(device, own.host ?? shared.host ?? ''), port: own.port ?? shared.port ?? usualPort };
}

/** Where devices dial in that the gateway waits for at `listen`. */
export function listenerAt(device: SimulatedDevice, listen: string): Endpoint {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
  const isEvery = host === '0.0.0.0' || host === '::';
  return { host: isEvery ? '127.0.0.1' : ownHost(device, host), port: Number(listen.slice(colon + 1)) };
}

export function ownHost({ id }: SimulatedDevice, host: string): string {
  const bare = host.replace(/^\[|\]$/g, '');
  const isOwn = bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
  if (isOwn) return bare;
  throw new SimulationError(
    `设备 ${id} 的地址 ${host || '（空）'} 不是本机。只能模拟本机地址：请在现场文件中改用 127.0.0.1`,
    `Device ${id} is at ${host || '(nothing)'}, which is not this machine. Only loopback is simulated: use 127.0.0.1 in the site file.`,
  );
}

/** Refuses a port over TLS, which the simulator does not speak. */
export function refuseTls({ id }: SimulatedDevice): never {
  throw new SimulationError(
    `设备 ${id} 的端口使用 TLS，模拟器不支持；请在现场文件中去掉 tls`,
    `The port of device ${id} uses TLS, which is not simulated. Take tls out of the site file.`,
  );
}

export function cannotListen({ host, port }: Endpoint, error: Error | undefined): SimulationError {
  const why = error?.message ?? 'the server did not start';
  return new SimulationError(
    `模拟设备不能在 ${host}:${port} 监听（${why}）。请停掉占用它的程序，或换一个端口`,
    `A simulated device cannot listen on ${host}:${port} (${why}). Stop the program that uses it, or choose another port.`,
  );
}
