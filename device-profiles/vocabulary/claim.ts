import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Id } from './text.ts';

/** 认领 of a gateway, `POST /api/claim`: the one-time code people were given and a PKCS #10 request in PEM. */
export const ClaimRequest = z.strictObject({
  code: z.string().min(10).max(32),
  csr: z.string().max(8192),
});
export type ClaimRequest = z.infer<typeof ClaimRequest>;

/** What the cloud hands back: who the gateway is from now on, and how it reaches the cloud. */
export const ClaimAnswer = z.strictObject({
  gateway: Id,
  /** The gateway's certificate, PEM. */
  certificate: z.string().max(16_384),
  /** The authority that signs the cloud's listener and the gateways, PEM. */
  ca: z.string().max(16_384),
  /** `mqtts://host:port` */
  uplink: z.string().max(512),
  /** The Ed25519 key that pushed sites are signed with (SPKI, PEM); kept until the next claim. */
  siteKey: z.string().max(1_000).optional(),
});
export type ClaimAnswer = z.infer<typeof ClaimAnswer>;

/** 换证, said on `renew` over the certificate that is still valid: a PKCS #10 request in PEM for a new key. */
export const RenewRequest = z.strictObject({ csr: z.string().max(8192) });
export type RenewRequest = z.infer<typeof RenewRequest>;

/** What the cloud answers on `certificate`. The one before stays valid to its own end. */
export const RenewAnswer = z.union([
  ClaimAnswer.pick({ certificate: true, ca: true }),
  z.strictObject({ refused: z.enum(['bad-csr', 'too-soon', 'unknown-gateway']) }),
]);
export type RenewAnswer = z.infer<typeof RenewAnswer>;

/**
 * 核对码: six digits of a public key (SPKI, DER), shown by the gateway and by the cloud. People compare them;
 * a key swapped on the way gives other digits.
 */
export function keyDigits(spki: Uint8Array): string {
  const digest = createHash('sha256').update(spki).digest();
  return (digest.readUIntBE(0, 6) % 1_000_000).toString().padStart(6, '0');
}
