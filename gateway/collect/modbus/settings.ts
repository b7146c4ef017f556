import { z } from 'zod';

/** The `modbus` sections of the site file. */

const tcpPort = z.number().int().min(1).max(65_535);
const host = z.string().min(1).max(253);

const timing = {
  /** Overrides the profiles' time-out, milliseconds until the answer begins. */
  timeoutMs: z.number().int().min(20).max(60_000).optional(),
  /** Silence after a broadcast (MODBUS over serial line 1.02, §2.4.1: 100 to 200 ms). */
  turnaroundMs: z.number().int().min(0).max(5_000).optional(),
};

const Tcp = z.strictObject({
  mode: z.literal('tcp'),
  /** Left out when each device names its own. */
  host: host.optional(),
  port: tcpPort.default(502),
  /** Requests in flight per connection; many meters and gateways answer only one at a time. */
  window: z.number().int().min(1).max(64).default(1),
  ...timing,
});

const Rtu = z.strictObject({
  mode: z.literal('rtu'),
  path: z.string().min(1).max(255),
  baud: z.number().int().min(300).max(4_000_000),
  parity: z.enum(['none', 'even', 'odd']),
  stopBits: z.union([z.literal(1), z.literal(2)]),
  dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
  ...timing,
});

const RtuOverTcp = z.strictObject({ mode: z.literal('rtu-over-tcp'), host, port: tcpPort, ...timing });

export const ModbusPort = z.discriminatedUnion('mode', [Tcp, Rtu, RtuOverTcp]);
export type ModbusPort = z.output<typeof ModbusPort>;
export type TcpSettings = z.output<typeof Tcp>;
export type SerialSettings = z.output<typeof Rtu>;

export const ModbusAddress = z.strictObject({
  unit: z.number().int().min(0).max(255),
  /** Only on a port of mode `tcp`: each distinct host and port is one connection. */
  host: host.optional(),
  port: tcpPort.optional(),
});
export type ModbusAddress = z.output<typeof ModbusAddress>;

/** Where a device is reached, or nothing when neither it nor its port says. */
export function endpointOf(port: ModbusPort, address: ModbusAddress): { host: string; port: number } | undefined {
  if (port.mode === 'rtu') return undefined;
  const name = port.mode === 'tcp' ? (address.host ?? port.host) : port.host;
  if (name === undefined) return undefined;
  return { host: name, port: port.mode === 'tcp' ? (address.port ?? port.port) : port.port };
}
