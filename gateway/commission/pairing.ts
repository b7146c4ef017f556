import { httpEventOf } from '@yihu/device-profiles/protocols/http-event.ts';
import type { LocalPost } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { isMap, isSeq, parseDocument } from 'yaml';
import { z } from 'zod';
import { HttpEventPort } from '../collect/http-event/port.ts';
import { splitHostPort } from '../collect/listen.ts';
import { addDevice, written } from './site-edit.ts';

/** A device that is to speak to the gateway by itself, and has to prove who it is. */
export interface NewDevice {
  readonly id: string;
  readonly port: string;
  readonly profile: string;
  readonly name: string;
  /** What it calls itself: its MQTT login or the name in its path. */
  readonly identity: string;
}

/** How devices of a driver prove who they are: the word of their address that holds the secret's hash. */
const secretWords: Readonly<Record<string, string>> = { mqtt: 'secret', 'http-event': 'key' };

export interface PairingPort {
  /** As the site file names it. */
  readonly keyFile: string;
  /** Of the address: what holds the secret's hash. */
  readonly secretWord: string;
  /** The port's own section, as far as its driver reads it. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The port that a device is to be paired on, or why it cannot be. */
export function pairingPort(text: string, id: string): PairingPort | { readonly refused: Text & { en: string } } {
  const port = portsOf(text).find((one) => one['id'] === id);
  if (port === undefined) {
    const known = portsOf(text).map((one) => String(one['id']));
    return {
      refused: {
        zh: `现场文件里没有端口 ${id}。有：${known.join('、')}`,
        en: `The site file has no port ${id}. It has: ${known.join(', ')}`,
      },
    };
  }
  const secretWord = secretWords[String(port['driver'])];
  const { deviceKeyFile, id: _id, driver: _driver, ...rest } = port;
  if (secretWord === undefined)
    return {
      refused: {
        zh: `端口 ${id} 的设备不用口令登录（${String(port['driver'])}）。用 yihu-gateway scan 找设备。`,
        en: `Devices of port ${id} prove nothing by a secret (${String(port['driver'])}). Find them with yihu-gateway scan.`,
      },
    };
  if (typeof deviceKeyFile !== 'string')
    return {
      refused: {
        zh: `端口 ${id} 没有 deviceKeyFile，不能发口令。请写上，如 deviceKeyFile: device.key（缺失时自动创建）。`,
        en: `Port ${id} has no deviceKeyFile to issue secrets with. Write one, such as deviceKeyFile: device.key (made where it is missing).`,
      },
    };
  return { keyFile: deviceKeyFile, secretWord, settings: { deviceKeyFile, ...rest } };
}

/** What a device logs in as: an HTTP device's `username` is our login on it and not its own. */
export function loginOf({ secretWord }: PairingPort, address: Readonly<Record<string, unknown>>): string {
  const { username, identity } = address;
  return String(secretWord === 'secret' ? (username ?? identity) : (identity ?? ''));
}

/** 上报地址: where an HTTP device posts to, secret and all; none where its profile has no path with a secret in it. */
export function postsOf(settings: unknown, profile: Profile, login: string, secret: string): LocalPost[] {
  const port = HttpEventPort.safeParse(settings).data;
  if (profile.transport.protocol !== 'http-event' || port?.listen === undefined) return [];
  const { listen, identity } = httpEventOf(profile);
  const scheme = port.tls === undefined ? 'http' : 'https';
  const paths = Object.values(listen).flatMap(({ path }) => (path.includes('{key}') ? [path] : []));
  return [...new Set(paths)].map((path) => ({
    scheme,
    port: splitHostPort(port.listen ?? '').port,
    path: path.replace('{key}', secret).replace(`{${identity.name}}`, encodeURIComponent(login)),
  }));
}

function portsOf(text: string): Record<string, unknown>[] {
  return itemsOf(text, 'ports');
}

const Device = z.looseObject({
  id: z.string(),
  port: z.string(),
  profile: z.string(),
  address: z.record(z.string(), z.unknown()).catch({}),
});

/** A device as the site file writes it; null where there is none of this id. */
export function deviceIn(text: string, id: string): z.output<typeof Device> | null {
  const found = itemsOf(text, 'devices').find((one) => one['id'] === id);
  return Device.safeParse(found).data ?? null;
}

function itemsOf(text: string, section: 'ports' | 'devices'): Record<string, unknown>[] {
  const site = parseDocument(text).toJS({ maxAliasCount: 0 }) as Record<string, unknown> | null;
  const items: unknown = site?.[section];
  return Array.isArray(items)
    ? items.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null)
    : [];
}

/**
 * The same site file with the device in it, comments and order kept. A device of this id gets the new secret and keeps
 * everything else: that is how one that was replaced or lost its secret is paired again.
 */
export function withDevice(text: string, device: NewDevice, secretWord: string, hash: string): string {
  const document = parseDocument(text);
  const devices = document.get('devices');
  const known = isSeq(devices) ? devices.items.find((item) => isMap(item) && item.get('id') === device.id) : undefined;
  if (isMap(known)) known.setIn(['address', secretWord], hash);
  else {
    const { id, port, profile, name, identity } = device;
    addDevice(document, { id, profile, port, address: { identity, [secretWord]: hash }, name });
  }
  return written(document);
}
