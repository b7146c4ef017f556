import { z } from 'zod';

/**
 * 签名 of an export by the installation that made it, with the key that signs the checkpoints of its audit: over all of the
 * document but this field itself, so that nothing of it can be changed, left out or made anew by anybody else.
 */
export const ExportSignature = z
  .strictObject({
    /** SPKI, PEM. Whose it is, is known by its fingerprint alone. */
    publicKey: z.string(),
    /** Ed25519 (RFC 8032), base64. */
    signature: z.string(),
  })
  .meta({ id: 'ExportSignature' });
export type ExportSignature = z.infer<typeof ExportSignature>;
