import { z } from 'zod';

/** The `modbus` sections of the site file: Modbus TCP. Serial lines, direct or behind a server, are ports of `line`. */

const tcpPort = z.number().int().min(1).max(65_535);
const host = z.string().min(1).max(253);

/** A second way to the same device. */
const fallback = z.strictObject({ host, port: tcpPort.optional() });

/** Modbus/TCP Security: files in PEM, relative to the site file. */
const Tls = z.strictObject({
  /** Who signed the device's certificate; without it, whom the system trusts. */
  ca: z.string().min(1).optional(),
  /** Ours, where the device wants to know who asks. */
  cert: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  /** The name in the device's certificate, where it is not the host's. */
  serverName: z.string().min(1).max(253).optional(),
});
export type Tls = z.output<typeof Tls>;

/** Modbus/TCP Security has a port of its own. */
const plainPort = 502;
const securePort = 802;

export const ModbusPort = z.strictObject({
  mode: z
    .literal('tcp', {
      error:
        '串行总线请写 driver: line（mode: serial、tcp 或 dial-in） / a serial line is a port of driver: line (mode serial, tcp or dial-in)',
    })
    .default('tcp'),
  /** Left out when each device names its own. */
  host: host.optional(),
  /** Default: 502, with TLS 802. */
  port: tcpPort.optional(),
  fallback: fallback.optional(),
  /** Failures in a row after which the second host is taken. */
  fallbackAfter: z.number().int().min(1).max(100).default(3),
  tls: Tls.optional(),
  /** Requests in flight per connection; many meters and gateways answer only one at a time. */
  window: z.number().int().min(1).max(64).default(1),
  /** Overrides the profiles' time-out, milliseconds until the answer begins. */
  timeoutMs: z.number().int().min(20).max(60_000).optional(),
});
export type ModbusPort = z.output<typeof ModbusPort>;

export const ModbusAddress = z.strictObject({
  unit: z.number().int().min(0).max(255),
  /** Each distinct host and port is one connection. */
  host: host.optional(),
  port: tcpPort.optional(),
  fallback: fallback.optional(),
});
export type ModbusAddress = z.output<typeof ModbusAddress>;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a device is reached, and where else; nothing when neither it nor its port says. */
export function endpointsOf(port: ModbusPort, address: ModbusAddress): readonly [Endpoint, Endpoint?] | undefined {
  const usualPort = port.port ?? (port.tls === undefined ? plainPort : securePort);
  const name = address.host ?? port.host;
  if (name === undefined) return undefined;
  const first = { host: name, port: address.port ?? usualPort };
  // A port's second host stands in for its first, not for that of a device with its own.
  const second = address.fallback ?? (address.host === undefined ? port.fallback : undefined);
  return second === undefined ? [first] : [first, { host: second.host, port: second.port ?? first.port }];
}
