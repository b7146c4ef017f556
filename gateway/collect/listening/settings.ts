import { Duration } from '@yihu/device-profiles/vocabulary/duration.ts';
import { z } from 'zod';

const hostPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):\d{1,5}$/, '应写成 主机:端口，如 0.0.0.0:9000 / must be host:port, e.g. 0.0.0.0:9000')
  .refine((text) => !(Number(text.slice(text.lastIndexOf(':') + 1)) > 65_535), '端口最大 65535 / a port is at most 65535');

/** What every port that devices dial in to has in the site file; a driver puts its own words beside it. */
export const listeningSettings = {
  /** Where the gateway listens. Port 0 takes a free one. */
  listen: hostPort,
  /** 白名单: networks (CIDR) that may connect. Without it everybody may who reaches the port. */
  allow: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .min(1)
    .max(64)
    .optional(),
  /** PEM files, relative to the site file. With `clientCa` a device must show a certificate of that authority. */
  tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1), clientCa: z.string().min(1).optional() }).optional(),
  connections: z.number().int().min(1).max(100_000).optional(),
  connectionsPerAddress: z.number().int().min(1).max(100_000).optional(),
  /** A connection without a whole frame for so long is closed, so that the device dials anew. */
  silentAfter: Duration.optional(),
};

const ListeningSettings = z.strictObject(listeningSettings);
export type ListeningSettings = z.output<typeof ListeningSettings>;
