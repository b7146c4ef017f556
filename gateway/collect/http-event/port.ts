import { z } from 'zod';
import type { BoundDevice } from '../driver.ts';
import { secretHash } from '../mqtt/secret.ts';

const hostPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):\d{1,5}$/, 'must be host:port, e.g. 0.0.0.0:8620')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'a port is at most 65535');

/** A port of HTTP devices in the site file: they post to `listen`, or we go to them, or both. */
export const HttpEventPort = z.strictObject({
  /** Where devices post to. Without it, this port only goes to devices. Port 0 takes a free one. */
  listen: hostPort.optional(),
  /**
   * `known`: each device has a key or a login. `pinned`: old devices that can send neither, on a port of their own; a device
   * is known by its address, and anybody who can take that address may speak for it.
   */
  senders: z.enum(['known', 'pinned']).default('known'),
  /** The gateway's key for device keys (32 bytes, mode 0600); made where it is missing. */
  deviceKeyFile: z.string().min(1).optional(),
  /** PEM files. Without them, plain HTTP. */
  tls: z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
  connections: z.number().int().min(1).max(100_000).optional(),
  connectionsPerAddress: z.number().int().min(1).max(100_000).optional(),
});
export type HttpEventPort = z.output<typeof HttpEventPort>;

const ip = z.union([z.ipv4(), z.ipv6()]);

/** `address:` of a device on such a port. */
export const HttpEventAddress = z.strictObject({
  /** What the profile asks for: a serial number, a name. */
  identity: z.string().min(1).max(128).optional(),
  /** Hash of the device's key, made by `yihu-gateway secret`. The device sends the key in the path, in a header, or as password. */
  key: z.string().regex(secretHash, 'must be hmac-sha256: and 64 hex digits').optional(),
  /** Login the device sends us, for those that only know digest. */
  login: z.strictObject({ username: z.string().min(1).max(64), passwordFile: z.string().min(1) }).optional(),
  /** The only addresses it may send from. */
  from: z.array(ip).min(1).max(8).optional(),
  /** Where the device is, for streams, back-fill and commands. */
  host: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})$/, 'must be a host name or an address, without http:// and port')
    .optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  /** HTTPS, to a device that shows the certificate with this SHA-256 fingerprint. */
  fingerprint: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}:?){32}$/, 'must be the 64 hex digits of a SHA-256 fingerprint')
    .transform((text) => text.replaceAll(':', '').toUpperCase())
    .optional(),
  /** Our login on the device. The password stands in a file of mode 0600. */
  username: z.string().min(1).max(64).optional(),
  passwordFile: z.string().min(1).optional(),
  /** `basic` sends the password as it is: only where a device knows nothing else. */
  auth: z.enum(['digest', 'basic']).default('digest'),
});
export type HttpEventAddress = z.output<typeof HttpEventAddress>;

export type HttpDevice = BoundDevice<HttpEventAddress>;
