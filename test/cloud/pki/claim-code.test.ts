import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ClaimCodes,
  claimLifeMs,
  claimMac,
  type ClaimRecord,
  judgeClaim,
  makeClaimCode,
  readClaimCode,
  redeemClaim,
  showClaimCode,
} from '../../../cloud/registry/claim-code.ts';

const secret = 'the cloud’s own secret';
const now = 1_760_000_000_000;

function table(records: ClaimRecord[]): ClaimCodes {
  return {
    find: async (mac) => records.find((record) => record.mac === mac),
    use: async (mac, usedAt) => {
      const index = records.findIndex((record) => record.mac === mac && record.usedAt === undefined);
      const record = records[index];
      if (record === undefined) return false;
      records[index] = { ...record, usedAt };
      return true;
    },
  };
}

describe('claim codes', () => {
  it('are ten Crockford characters that one can read out, and are kept as an HMAC only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => {
        const { code, record } = makeClaimCode(secret, now, () => bytes);
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
        expect(record).toEqual({ mac: claimMac(secret, code), expiresAt: now + claimLifeMs });
        expect(JSON.stringify(record)).not.toContain(code);
        expect(readClaimCode(showClaimCode(code))).toBe(code);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('are read as people type them', () => {
    expect(readClaimCode(' o1il-2abcd e ')).toBe('01112ABCDE');
    for (const typed of ['', '123456789', '12345678901', '123456789U', '123456789!', '１２３４５６７８９０']) {
      expect(readClaimCode(typed)).toBeUndefined();
    }
  });

  it('depend on the secret', () => {
    expect(claimMac('one', '0123456789')).not.toBe(claimMac('two', '0123456789'));
  });

  it('end after a quarter of an hour, and with their use', () => {
    const { record } = makeClaimCode(secret, now, () => new Uint8Array(10));
    expect(judgeClaim(record, now + claimLifeMs - 1)).toEqual({ holds: true });
    expect(judgeClaim(record, now + claimLifeMs)).toEqual({ holds: false, reason: 'expired' });
    expect(judgeClaim({ ...record, usedAt: now }, now)).toEqual({ holds: false, reason: 'used' });
    expect(judgeClaim(undefined, now)).toEqual({ holds: false, reason: 'unknown' });
  });

  it('open one door once, also for two who come at the same time', async () => {
    const { code, record } = makeClaimCode(secret, now, (bytes) => new Uint8Array(bytes).fill(9));
    const codes = table([record]);
    const outcomes = await Promise.all([1, 2, 3].map(() => redeemClaim(codes, secret, code.toLowerCase(), now)));
    expect(outcomes.filter(({ holds }) => holds)).toHaveLength(1);
    expect(await redeemClaim(codes, secret, code, now)).toEqual({ holds: false, reason: 'used' });
    expect(await redeemClaim(codes, secret, '0000000000', now)).toEqual({ holds: false, reason: 'unknown' });
    expect(await redeemClaim(codes, secret, 'no code', now)).toEqual({ holds: false, reason: 'malformed' });
  });
});
