import { createHash } from 'node:crypto';
import { escaped } from './envelope.ts';
import { names } from './names.ts';

export interface TokenParts {
  readonly username: string;
  readonly password: string;
  /** Sixteen bytes that are new each time. */
  readonly nonce: Uint8Array;
  /** By the camera's clock, milliseconds since 1970 UTC: it refuses a token of another time. */
  readonly at: number;
}

/**
 * WS-Security UsernameToken with a digest (OASIS UsernameToken Profile 1.0 §3.1): base64 of SHA-1 over nonce, time and
 * password, so that the password itself never travels.
 */
export function usernameToken({ username, password, nonce, at }: TokenParts): string {
  // Whole seconds: the guide writes them so, and not every camera reads more.
  const created = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  const digest = createHash('sha1')
    .update(Buffer.concat([nonce, Buffer.from(created), Buffer.from(password)]))
    .digest('base64');
  return (
    `<Security s:mustUnderstand="1" xmlns="${names.security}"><UsernameToken>` +
    `<Username>${escaped(username)}</Username>` +
    `<Password Type="${names.passwordDigest}">${digest}</Password>` +
    `<Nonce EncodingType="${names.base64}">${Buffer.from(nonce).toString('base64')}</Nonce>` +
    `<Created xmlns="${names.utility}">${created}</Created>` +
    '</UsernameToken></Security>'
  );
}
