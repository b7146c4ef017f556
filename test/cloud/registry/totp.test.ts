import { describe, expect, it } from 'vitest';
import { qrSvg } from '../../../cloud/registry/qr.ts';
import { base32, hotp, otpauthUri, stepAt, stepOf } from '../../../cloud/registry/totp.ts';

/** The secret of both RFCs' appendices: 20 ASCII bytes. */
const secret = Buffer.from('12345678901234567890');

describe('one-time passwords', () => {
  it('are those of RFC 4226, appendix D', () => {
    const codes = Array.from({ length: 10 }, (_, counter) => hotp(secret, counter));
    expect(codes).toEqual([
      '755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489',
    ]); // prettier-ignore
  });

  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('are those of RFC 6238, appendix B, at %d s', (seconds, code) => {
    expect(hotp(secret, stepAt(seconds * 1000), 8)).toBe(code);
  });

  it('hold one step before and after, and no further', () => {
    const now = 1_700_000_010_000;
    const here = stepAt(now);
    const steps = [-2, -1, 0, 1, 2].map((away) => stepOf(secret, hotp(secret, here + away), now));
    expect(steps).toEqual([null, here - 1, here, here + 1, null]);
    for (const odd of ['', '12345', '1234567', 'abcdef', '１２３４５６']) expect(stepOf(secret, odd, now)).toBeNull();
  });
});

describe('what an app is given', () => {
  it('is base 32 as RFC 4648 §10 has it, without padding', () => {
    const written = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => base32(Buffer.from(text)));
    expect(written).toEqual(['', 'MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI']);
  });

  it('is an otpauth address that reads back, whatever the account is called', () => {
    const uri = new URL(otpauthUri('Yihu', 'wang fang/1', secret));
    expect(uri.protocol).toBe('otpauth:');
    expect(decodeURIComponent(uri.pathname)).toContain('Yihu:wang fang/1');
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      issuer: 'Yihu',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });

  it('is a picture of dark squares with a white edge, and nothing that runs', () => {
    const svg = qrSvg(otpauthUri('Yihu', 'wangfang', secret));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="-4 -4 \d+ \d+"/);
    expect(svg).not.toMatch(/script|href|on\w+=/);
    // The three finder patterns: seven dark squares along the first row at both ends of it.
    const first = [...svg.matchAll(/M(\d+) 0h1v1h-1z/g)].map(([, column]) => Number(column));
    expect(first.slice(0, 7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(first.slice(-7).map((column) => column - (first.at(-1) ?? 0))).toEqual([-6, -5, -4, -3, -2, -1, 0]);
  });
});
