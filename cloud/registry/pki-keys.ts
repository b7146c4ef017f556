import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';

export type KeyPair = webcrypto.CryptoKeyPair;

export const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export function makeKeys(): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(p256, true, ['sign', 'verify']);
}

export async function keyToPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** @throws where the text is not a P-256 key in PKCS #8. */
export function keyFromPem(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, p256, false, ['sign']);
}

/** 127 random bits: positive, never zero, and unique without a counter to keep (RFC 5280 §4.1.2.2). */
export function makeSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
