import { isIP } from 'node:net';
import { z } from 'zod';
import { SimulationError } from './device.ts';

/** Where the gateway will look for the devices of a port: the simulator must be found there. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What the simulator reads of a port's settings; the rest belongs to the driver. */
const PortSettings = z.looseObject({
  mode: z.string().optional(),
  host: z.string().optional(),
  port: z.number().int().optional(),
  listen: z.string().optional(),
  connect: z.string().optional(),
  username: z.string().optional(),
  passwordFile: z.string().optional(),
});
export type PortSettings = z.output<typeof PortSettings>;

export function portSettings(settings: unknown): PortSettings {
  return PortSettings.parse(settings);
}

/** Where a Modbus device is to be simulated. Throws SimulationError for places that are not this machine. */
export function modbusEndpoint(device: string, settings: PortSettings, address: Readonly<Record<string, unknown>>): Endpoint {
  if (settings.mode !== undefined && settings.mode !== 'tcp') {
    throw new SimulationError(
      `设备 ${device} 在 mode: ${settings.mode} 的线路上，模拟器只能模拟 mode: tcp 的端口`,
      `Device ${device} is on a line of mode ${settings.mode}. Only ports of mode tcp can be simulated.`,
    );
  }
  const host = typeof address['host'] === 'string' ? address['host'] : (settings.host ?? '');
  const port = typeof address['port'] === 'number' ? address['port'] : (settings.port ?? 502);
  return { host: ownHost(device, host), port };
}

/** Where the broker is that MQTT devices connect to. Throws SimulationError for brokers on other machines. */
export function brokerEndpoint(device: string, settings: PortSettings): Endpoint {
  if (settings.connect !== undefined) {
    const url = new URL(settings.connect);
    return { host: ownHost(device, url.hostname), port: Number(url.port || 1883) };
  }
  const listen = settings.listen ?? '';
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
  const isEvery = host === '0.0.0.0' || host === '::';
  return { host: isEvery ? '127.0.0.1' : ownHost(device, host), port: Number(listen.slice(colon + 1)) };
}

function ownHost(device: string, host: string): string {
  const bare = host.replace(/^\[|\]$/g, '');
  const isOwn = bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
  if (isOwn) return bare;
  throw new SimulationError(
    `设备 ${device} 的地址 ${host || '（空）'} 不是本机。只能模拟本机地址：请在现场文件中改用 127.0.0.1`,
    `Device ${device} is at ${host || '(nothing)'}, which is not this machine. Only loopback is simulated: use 127.0.0.1 in the site file.`,
  );
}
