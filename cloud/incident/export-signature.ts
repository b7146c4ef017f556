import { createHash, createPublicKey, verify } from 'node:crypto';
import type { ExportSignature } from '@yihu/device-profiles/vocabulary/export-signature.ts';
import { canonicalJson } from './timeline.ts';

/** What is signed of an export: the SHA-256 of its canonical JSON, without the signature itself. */
export function exportText(document: object): Buffer {
  const said = Object.fromEntries(Object.entries(document).filter(([name]) => name !== 'signed'));
  const hash = createHash('sha256').update(canonicalJson(said), 'utf8').digest('hex');
  return Buffer.from(`yihu-export/1\n${hash}\n`, 'utf8');
}

/** True where the key in the signature signed this document as it stands; false of any key but Ed25519. */
export function isSigned(document: object, { publicKey, signature }: ExportSignature): boolean {
  try {
    const key = createPublicKey(publicKey);
    return key.asymmetricKeyType === 'ed25519' && verify(null, exportText(document), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
