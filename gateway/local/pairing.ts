import { dirname, resolve } from 'node:path';
import type { LocalDeviceEdit, LocalPost, LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { issueSecret, nobodysHash } from '../collect/mqtt/secret.ts';
import { deviceIn, loginOf, type PairingPort, pairingPort, postsOf } from '../commission/pairing.ts';

/** A device that connects by itself and has to be given a secret: one more, or one that has lost its own. */
export interface Pairing {
  readonly device: string;
  /** Id of its profile. */
  readonly profile: string;
  readonly login: string;
  readonly port: PairingPort;
  /** The edit, with the hash of its secret. */
  readonly withHash: (hash: string) => LocalDeviceEdit;
  /** With a hash that no secret has, to see whether the site would be a good one. */
  readonly trial: LocalDeviceEdit;
}

/** Null where devices of the port prove nothing by a secret, or the address has the hash of one already. */
export function neededBy(edit: LocalSiteEdit, siteText: string): Pairing | { readonly refused: Text } | null {
  if ('reissue' in edit) return anewFor(edit.reissue, siteText);
  if (!('add' in edit)) return null;
  const { id, port: portId, profile, address: given } = edit.add;
  const port = pairingPort(siteText, portId);
  if ('refused' in port || port.secretWord in given) return null;
  const address = { identity: id, ...given };
  const withHash = (hash: string) => ({ ...edit, add: { ...edit.add, address: { ...address, [port.secretWord]: hash } } });
  return { device: id, profile, login: loginOf(port, address), port, withHash, trial: withHash(nobodysHash) };
}

/** Null where there is no such device. */
function anewFor(id: string, siteText: string): Pairing | { readonly refused: Text } | null {
  const device = deviceIn(siteText, id);
  if (device === null) return null;
  const port = pairingPort(siteText, device.port);
  if ('refused' in port) return port;
  const { secretWord } = port;
  if (!(secretWord in device.address)) return { refused: hasNone(id) };
  const withHash = (hash: string) => ({ change: { id, address: { [secretWord]: hash } } });
  const { profile, address } = device;
  return { device: id, profile, login: loginOf(port, address), port, withHash, trial: withHash(nobodysHash) };
}

const hasNone = (id: string): Text => ({
  zh: `设备 ${id} 没有自己的口令：它用别的方式登录，或与同一集中器的设备共用登录名。`,
  en: `Device ${id} has no secret of its own: it proves itself in another way, or shares the login of its concentrator.`,
});

/** A fresh secret, and the edit with its hash. @throws DeviceKeyError */
export function issueFor({ port, withHash }: Pairing, siteFile: string): { secret: string; edit: LocalDeviceEdit } {
  const { secret, hash } = issueSecret(resolve(dirname(siteFile), port.keyFile));
  return { secret, edit: withHash(hash) };
}

/** What is to be typed into the device beside login and secret; its own profile says the path. */
export function placesToPost({ port, login }: Pairing, profile: Profile | undefined, secret: string): LocalPost[] {
  return profile === undefined ? [] : postsOf(port.settings, profile, login, secret);
}
