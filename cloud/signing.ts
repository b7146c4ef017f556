import type { ExportSignature } from '@yihu/device-profiles/vocabulary/export-signature.ts';
import { exportText } from './incident/export-signature.ts';
import type { AuditSigner } from './registry/audit-signing.ts';

/** A document with the signature of this installation over all of it. */
export function signedBy<T extends object>(
  { publicKey, signText }: Pick<AuditSigner, 'publicKey' | 'signText'>,
  document: T,
): T & { signed: ExportSignature } {
  return { ...document, signed: { publicKey, signature: signText(exportText(document)) } };
}
