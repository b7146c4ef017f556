import { z } from 'zod';

const hostPort = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):\d{1,5}$/, 'must be host:port, e.g. 0.0.0.0:1883');

const OwnBroker = z.strictObject({
  /** Where the gateway's own broker listens. Port 0 takes a free one. */
  listen: hostPort,
  /** `required`: each device has a secret. `open`: legacy devices; anyone on that interface may speak for any of them. */
  login: z.enum(['required', 'open']),
  /** The gateway's key for device secrets (32 bytes, mode 0600); made where it is missing. */
  deviceKeyFile: z.string().min(1).optional(),
  connections: z.number().int().min(1).max(100_000).optional(),
  connectionsPerAddress: z.number().int().min(1).max(100_000).optional(),
});

const ForeignBroker = z.strictObject({
  /** A broker that is there. */
  connect: z.string().regex(/^mqtts?:\/\/[^/\s@]+$/, 'must be mqtt://host:port or mqtts://host:port'),
  username: z.string().optional(),
  passwordFile: z.string().optional(),
  /** PEM file of the authority that signed the broker's certificate. */
  ca: z.string().optional(),
  /** Must be ours alone on that broker; else made from this machine's name and the port's id. */
  clientId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
});

/** An MQTT port in the site file. */
export const MqttPort = z.union([OwnBroker, ForeignBroker]);
export type MqttPort = z.output<typeof MqttPort>;
export type OwnBroker = z.output<typeof OwnBroker>;
export type ForeignBroker = z.output<typeof ForeignBroker>;

export function isOwnBroker(port: MqttPort): port is OwnBroker {
  return 'listen' in port;
}
