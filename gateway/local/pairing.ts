import { dirname, resolve } from 'node:path';
import type { LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { issueSecret, nobodysHash } from '../collect/mqtt/secret.ts';
import { pairingPort } from '../commission/pairing.ts';

type Addition = Extract<LocalSiteEdit, { add: object }>;

/** A device more that connects by itself, and has to be given a secret. */
export interface Pairing {
  readonly login: string;
  /** Of the address: what holds the secret's hash. */
  readonly word: string;
  /** As the site file names it. */
  readonly keyFile: string;
  /** With a hash that no secret has, to see whether the site would be a good one. */
  readonly trial: Addition;
}

/** Null where devices of the port prove nothing by a secret, or the address has the hash of one already. */
export function neededBy(edit: LocalSiteEdit, siteText: string): Pairing | null {
  if (!('add' in edit)) return null;
  const { id, port: portId, address: given } = edit.add;
  const port = pairingPort(siteText, portId);
  if ('refused' in port || port.secretWord in given) return null;
  const address = { identity: id, ...given };
  const login = String('username' in address ? address['username'] : address.identity);
  const paired = { ...edit, add: { ...edit.add, address } };
  return { login, word: port.secretWord, keyFile: port.keyFile, trial: withHash(paired, port.secretWord, nobodysHash) };
}

/** A fresh secret, and the edit with its hash. @throws DeviceKeyError */
export function issueFor({ keyFile, word, trial }: Pairing, siteFile: string): { secret: string; edit: LocalSiteEdit } {
  const { secret, hash } = issueSecret(resolve(dirname(siteFile), keyFile));
  return { secret, edit: withHash(trial, word, hash) };
}

function withHash(edit: Addition, word: string, hash: string): Addition {
  return { ...edit, add: { ...edit.add, address: { ...edit.add.address, [word]: hash } } };
}
