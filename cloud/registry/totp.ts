import { createHmac, timingSafeEqual } from 'node:crypto';

/** One-time passwords by RFC 4226 and RFC 6238: SHA-1, six digits, thirty seconds, which every authenticator app speaks. */
export const totp = { stepMs: 30_000, digits: 6, secretBytes: 20, skewSteps: 1 } as const;

/** RFC 4226 §5.3; `digits` 6–8, as decimal digits with leading zeros. */
export function hotp(secret: Buffer, counter: number, digits: number = totp.digits): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(message).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** RFC 6238 §4.2: the step a moment (ms since 1970 UTC) lies in. */
export function stepAt(ms: number): number {
  return Math.floor(ms / totp.stepMs);
}

/** The step whose code this is, one step either way for clocks that differ (RFC 6238 §5.2); null where it is none of them. */
export function stepOf(secret: Buffer, code: string, now: number): number | null {
  const given = Buffer.from(code);
  const here = stepAt(now);
  let found: number | null = null;
  for (let step = here - totp.skewSteps; step <= here + totp.skewSteps; step += 1) {
    const right = Buffer.from(hotp(secret, step));
    // All are compared, so that the time it takes says nothing of which it was.
    if (given.length === right.length && timingSafeEqual(given, right)) found = step;
  }
  return found;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6 without padding, as authenticator apps take it. */
export function base32(bytes: Buffer): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

/** The address an app reads out of the QR code (Key URI Format of Google Authenticator). */
export function otpauthUri(issuer: string, account: string, secret: Buffer): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  const query = new URLSearchParams({ secret: base32(secret), issuer, algorithm: 'SHA1', digits: '6', period: '30' });
  return `otpauth://totp/${label}?${query.toString()}`;
}
