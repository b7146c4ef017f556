import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { signedBytes } from '@yihu/device-profiles/vocabulary/site-push.ts';
import { readIfThere, writePrivate } from './pki-files.ts';

/** Signs sites that are pushed; gateways keep its public key from their claim on. */
export interface SiteSigner {
  /** SPKI, PEM. */
  readonly publicKey: string;
  /** Ed25519 (RFC 8032) over `signedBytes`, base64. */
  sign(push: string): string;
}

/** The key of this installation, made at the first use, readable by its owner alone. */
export async function openSiteSigner(folder: string): Promise<SiteSigner> {
  const known = await readIfThere(folder, 'site.key');
  const key = known === undefined ? generateKeyPairSync('ed25519').privateKey : createPrivateKey(known);
  if (known === undefined) await writePrivate(folder, 'site.key', key.export({ type: 'pkcs8', format: 'pem' }).toString());
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    sign: (push) => sign(null, signedBytes(push), key).toString('base64'),
  };
}
