import { z } from 'zod';
import type { BoundDevice } from '../driver.ts';

/** A port of ONVIF cameras in the site file. Cameras are gone to; nothing listens. */
export const OnvifPort = z.strictObject({
  /**
   * Where a camera offers no still picture: `ffmpeg` takes one out of its video stream. It takes seconds and seventy
   * megabytes for each picture, so it is off unless somebody has decided for it.
   */
  rtsp: z.enum(['off', 'ffmpeg']).default('off'),
});
export type OnvifPort = z.output<typeof OnvifPort>;

/** `address:` of a camera. */
export const OnvifAddress = z
  .strictObject({
    host: z
      .string()
      .regex(
        /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})$/,
        '应为主机名或地址，不带 http:// 和端口 / must be a host name or an address, without http:// and port',
      ),
    port: z.number().int().min(1).max(65_535).optional(),
    path: z
      .string()
      .max(200)
      .regex(/^\/[\x21-\x7e]*$/, '应以斜杠开头，不含空格 / must begin with a slash and hold no blanks')
      .default('/onvif/device_service'),
    /** HTTPS, to a camera that shows the certificate with this SHA-256 fingerprint. */
    fingerprint: z
      .string()
      .regex(
        /^([0-9A-Fa-f]{2}:?){32}$/,
        '应为 SHA-256 指纹的 64 个十六进制字符 / must be the 64 hex digits of a SHA-256 fingerprint',
      )
      .transform((text) => text.replaceAll(':', '').toUpperCase())
      .optional(),
    /** The password stands in a file of mode 0600. */
    username: z.string().min(1).max(64).optional(),
    passwordFile: z.string().min(1).optional(),
    /** `off`: this camera is never asked for a picture. */
    pictures: z.enum(['on', 'off']).default('on'),
  })
  .refine((address) => (address.username === undefined) === (address.passwordFile === undefined), {
    message: 'username and passwordFile belong together',
    path: ['passwordFile'],
  });
export type OnvifAddress = z.output<typeof OnvifAddress>;

export type OnvifDevice = BoundDevice<OnvifAddress>;

export function portOf({ port, fingerprint }: Pick<OnvifAddress, 'port' | 'fingerprint'>): number {
  return port ?? (fingerprint === undefined ? 80 : 443);
}
